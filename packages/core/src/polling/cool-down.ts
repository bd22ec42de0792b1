import { PULSE_MS } from './request-budget.ts'

const FIRST_BACKOFF_MS = 2_000
const MAX_BACKOFF_MS = 60_000

/**
 * The pause that holds the whole client back: Graph counts requests per app and tenant, so what it refuses
 * to one operation it would refuse to all of them. Moments are monotonic milliseconds.
 */
export class CoolDown {
  readonly #random: () => number
  #until = 0
  #pausedMs = 0
  #failuresInRow = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** No request may leave before this. */
  get until(): number {
    return this.#until
  }

  /** How long it has held back, and will, in all. */
  get pausedMs(): number {
    return this.#pausedMs
  }

  /** Graph named the time to wait. Never shortens a pause that is under way. */
  pause(now: number, retryAfterMs: number): void {
    this.#extend(now, retryAfterMs)
  }

  /**
   * A request failed as a whole, or was throttled without a usable `Retry-After`: exponential backoff with
   * full jitter, but never so short that it is none.
   */
  backOff(now: number): void {
    const ceilingMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failuresInRow)
    this.#failuresInRow += 1
    this.#extend(now, PULSE_MS + this.#random() * ceilingMs)
  }

  /** A request was answered: the next failure is the first again. A pause under way stays. */
  recover(): void {
    this.#failuresInRow = 0
  }

  #extend(now: number, delayMs: number): void {
    const until = now + Math.ceil(delayMs)
    if (until <= this.#until) return
    this.#pausedMs += until - Math.max(this.#until, now)
    this.#until = until
  }
}
