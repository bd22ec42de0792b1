import type { Clock } from '@teams-operations/core'
import type { Rate } from './limits.ts'

/** Keeps to a {@link Rate}. Needs no timer: how full it is follows from when it was last used. */
export class TokenBucket {
  readonly #rate: Rate
  readonly #clock: Clock
  #tokens: number
  #at: number

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
    this.#tokens = rate.burst
    this.#at = clock.monotonic()
  }

  /** Takes a token if there is one. @returns how long until there is one, in milliseconds; 0 when it was taken */
  take(): number {
    this.#refill()
    if (this.#tokens < 1) return this.#msUntil(1)
    this.#tokens -= 1
    return 0
  }

  /** Takes a token also when there is none. @returns how long until none is owed, in milliseconds */
  spend(): number {
    this.#refill()
    this.#tokens -= 1
    return this.#tokens < 0 ? this.#msUntil(0) : 0
  }

  get isFull(): boolean {
    this.#refill()
    return this.#tokens === this.#rate.burst
  }

  #refill(): void {
    const { burst, perSecond } = this.#rate
    const now = this.#clock.monotonic()
    const elapsedMs = now - this.#at
    this.#at = now
    if (elapsedMs > 0) this.#tokens = Math.min(burst, this.#tokens + (elapsedMs / 1000) * perSecond)
  }

  #msUntil(tokens: number): number {
    return Math.ceil(((tokens - this.#tokens) / this.#rate.perSecond) * 1000)
  }
}
