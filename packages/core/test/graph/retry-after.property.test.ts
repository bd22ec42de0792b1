import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHttpDate } from '../../src/graph/http-date.ts'
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from '../../src/graph/retry-after.ts'

const moments = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => Math.floor(date.getTime() / 1_000) * 1_000)

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function parts(moment: number): { day: string; month: string; date: string; year: string; time: string } {
  const date = new Date(moment)
  return {
    day: dayNames[date.getUTCDay()] ?? '',
    month: monthNames[date.getUTCMonth()] ?? '',
    date: String(date.getUTCDate()),
    year: String(date.getUTCFullYear()),
    time: date.toISOString().slice(11, 19),
  }
}

describe('parseRetryAfter', () => {
  it('gives a whole delay within the bounds, or none, whatever comes', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.double().map(String),
      fc.integer().map(String),
      fc.date().map(String),
      fc.stringMatching(/^ ?[-+]?\d{0,9}\.?\d{0,9} ?$/),
    )
    fc.assert(
      fc.property(anything, fc.double({ min: 0, max: 8.64e15, noNaN: true }), (value, now) => {
        const delayMs = parseRetryAfter(value, now)
        if (delayMs === undefined) return
        expect(Number.isInteger(delayMs)).toBe(true)
        expect(delayMs).toBeGreaterThanOrEqual(1)
        expect(delayMs).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS)
      }),
    )
  })

  it('never shortens a number of seconds within the bounds', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 3_600, noNaN: true }), (seconds) => {
        const value = seconds.toFixed(9)
        fc.pre(Number(value) > 0)
        expect(parseRetryAfter(value, 0)).toBeGreaterThanOrEqual(Number(value) * 1_000)
      }),
    )
  })

  it('waits until the date, in each of its forms', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: MAX_RETRY_AFTER_MS }), (moment, delayMs) => {
        const { day, month, date, year, time } = parts(moment)
        const shortDay = day.slice(0, 3)
        const now = moment - delayMs
        for (const text of [
          `${shortDay}, ${date.padStart(2, '0')} ${month} ${year} ${time} GMT`,
          `${shortDay} ${month} ${date.padStart(2, ' ')} ${time} ${year}`,
          `${day}, ${date.padStart(2, '0')}-${month}-${year.slice(2)} ${time} GMT`,
        ]) {
          expect(parseRetryAfter(text, now), text).toBe(delayMs)
        }
      }),
    )
  })
})

describe('parseHttpDate', () => {
  it('reads what toUTCString writes', () => {
    fc.assert(
      fc.property(moments, (moment) => {
        expect(parseHttpDate(new Date(moment).toUTCString(), 0)).toBe(moment)
      }),
    )
  })
})
