import { parseHttpDate } from './http-date.ts'

/**
 * The longest that a `Retry-After` is heeded: one hour. The limits of Teams are counted in seconds, so more
 * than that is a fault of the server, or of whoever answers in its place, and must not silence a client for
 * days. Who really means it says so again after the hour.
 */
export const MAX_RETRY_AFTER_MS = 3_600_000

/** Graph has also sent fractions of a second, such as `2.128`. */
const seconds = /^\d+(?:\.\d+)?$/

/**
 * Reads the value of a `Retry-After` header: seconds, or an HTTP date in any of its three forms.
 *
 * @param nowMs what an HTTP date is counted from, in milliseconds since 1970
 * @returns a delay in whole milliseconds from 1 to {@link MAX_RETRY_AFTER_MS}, or `undefined` when the header
 * is missing, rubbish, zero, negative or past: then the caller backs off by its own measure, so that no
 * server can make it a hot loop
 */
export function parseRetryAfter(value: string | null | undefined, nowMs: number): number | undefined {
  const text = value?.trim()
  if (!text) return undefined
  const delayMs = seconds.test(text) ? Number(text) * 1_000 : (parseHttpDate(text, nowMs) ?? nowMs) - nowMs
  return delayMs > 0 ? Math.min(Math.ceil(delayMs), MAX_RETRY_AFTER_MS) : undefined
}
