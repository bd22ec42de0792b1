import type { Finding } from './violation.ts'

interface Hold {
  readonly untilAt: number
  readonly retryAfter: string
  readonly askedBy: number
}

/** Whoever was asked to retry after a while sends nothing at all until then. */
export class RetryAfterRule {
  readonly #longestMs: number
  #hold: Hold | undefined

  constructor(longestMs: number) {
    this.#longestMs = longestMs
  }

  begin(at: number): Finding | undefined {
    const hold = this.#hold
    if (!hold || at >= hold.untilAt) return undefined
    const { retryAfter, askedBy } = hold
    const remainingMs = hold.untilAt - at
    const message = `A request came ${remainingMs} ms before the Retry-After of ${retryAfter} had passed`
    return { type: 'request-during-retry-after', retryAfter, askedBy, remainingMs, message }
  }

  /** @param now the time of day, which an HTTP date is compared with */
  end(retryAfter: string, askedBy: number, at: number, now: number): void {
    const delayMs = Math.min(retryAfterMs(retryAfter, now), this.#longestMs)
    if (delayMs > 0 && at + delayMs > (this.#hold?.untilAt ?? -Infinity)) {
      this.#hold = { untilAt: at + delayMs, retryAfter, askedBy }
    }
  }
}

const weekday = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/

/** What a `Retry-After` asks for; 0 for what is in the past or makes no sense, which binds nobody. */
function retryAfterMs(retryAfter: string, now: number): number {
  const text = retryAfter.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  const date = weekday.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}
