const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and the obsolete `Sunday, 06-Nov-94 08:49:37 GMT`. */
const dayFirst = /^[a-z]{3,9}, (\d{1,2})([ -])([a-z]{3})\2(\d{4}|\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/i
/** The form of C's `asctime`: `Sun Nov  6 08:49:37 1994`. */
const monthFirst = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/i

/**
 * Reads a date of an HTTP header in any of its three forms. `Date.parse` would take much else for a date,
 * and some of that in the local time zone.
 *
 * @param nowMs decides the century of a year with two digits
 * @returns milliseconds since 1970, or `undefined` when it is no HTTP date
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  const [, day, , month, year, ...time] = dayFirst.exec(text) ?? []
  if (day !== undefined) return timestamp(fullYear(year, nowMs), month, day, time)
  const [, asctimeMonth, asctimeDay, hour, minute, second, asctimeYear] = monthFirst.exec(text) ?? []
  if (asctimeDay === undefined) return undefined
  return timestamp(Number(asctimeYear), asctimeMonth, asctimeDay, [hour, minute, second])
}

/** Two digits mean the nearest such year that is not more than 50 years ahead. */
function fullYear(year: string | undefined, nowMs: number): number {
  if (year?.length !== 2) return Number(year)
  const thisYear = new Date(nowMs).getUTCFullYear()
  const inThisCentury = thisYear - (thisYear % 100) + Number(year)
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury
}

function timestamp(
  year: number,
  month: string | undefined,
  day: string,
  [hour, minute, second]: readonly (string | undefined)[],
): number | undefined {
  const monthIndex = months.indexOf(month?.toLowerCase() ?? '')
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  if (monthIndex === -1 || h > 23 || m > 59 || s > 60) return undefined
  const date = new Date(Date.UTC(year, monthIndex, Number(day), h, m, s))
  // `Date.UTC` takes 31 February for 3 March, and the years 0 to 99 for 1900 to 1999.
  return date.getUTCDate() === Number(day) || s === 60 ? definite(date.getTime()) : undefined
}

function definite(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
