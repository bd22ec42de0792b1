import type { Clock } from '@teams-operations/core'
import type { Rate } from './limits.ts'

/**
 * Keeps to a {@link Rate}. Needs neither timer nor counter: all there is to remember is until when it would
 * take to do, one after the other, what was done.
 */
export class TokenBucket {
  readonly #rate: Rate
  readonly #clock: Clock
  #busyUntil = -Infinity

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Takes a token if there is one. @returns how long until there is one, in milliseconds; 0 when it was taken */
  take(): number {
    const before = this.#busyUntil
    const waitMs = this.spend()
    if (waitMs > 0) this.#busyUntil = before
    return waitMs
  }

  /** Takes tokens also when there are none. @returns how long until none is owed, in milliseconds */
  spend(tokens = 1): number {
    const { burst, perSecond } = this.#rate
    const now = this.#clock.monotonic()
    const tokenMs = 1000 / perSecond
    this.#busyUntil = Math.max(this.#busyUntil, now) + tokens * tokenMs
    // What fractions of a millisecond add up to is no reason to wait for one more.
    const waitMs = Math.ceil(this.#busyUntil - now - burst * tokenMs - 0.001)
    return waitMs > 0 ? waitMs : 0
  }

  get isFull(): boolean {
    return this.#busyUntil <= this.#clock.monotonic()
  }
}
