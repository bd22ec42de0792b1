const BACKOFF_BASE_MS = 1_000
const MAX_BACKOFF_MS = 300_000
/** How much later than the interval a check may be, so that clients that started together drift apart. */
const JITTER = 1 / 62

export interface CheckScheduleOptions {
  /** From the end of one response to the start of the next request. */
  readonly intervalMs: number
  /** Due times are rounded up to multiples of this, so that operations travel together. */
  readonly alignMs: number
  readonly random: () => number
}

/** When to check next. Every rule here only ever adds to the interval: none can break the 30 seconds. */
export class CheckSchedule {
  readonly #intervalMs: number
  readonly #alignMs: number
  readonly #random: () => number
  /** Where the grid begins: another one for each client. */
  readonly #phaseMs: number

  constructor({ intervalMs, alignMs, random }: CheckScheduleOptions) {
    this.#intervalMs = intervalMs
    this.#alignMs = alignMs
    this.#random = random
    this.#phaseMs = random() * alignMs
  }

  /**
   * The moment of the check after one that ended at `endedAt`. One jitter for all operations of a response,
   * or alignment would part what travels together.
   */
  next(endedAt: number): number {
    return this.#align(endedAt + this.#intervalMs * (1 + this.#random() * JITTER))
  }

  /** How much longer to wait for an operation whose checks failed `failures` times in a row. */
  backoffMs(failures: number): number {
    return this.#random() * Math.min(MAX_BACKOFF_MS, BACKOFF_BASE_MS * 2 ** failures)
  }

  #align(moment: number): number {
    if (this.#alignMs === 0) return Math.ceil(moment)
    const slots = Math.ceil((moment - this.#phaseMs) / this.#alignMs)
    return Math.ceil(slots * this.#alignMs + this.#phaseMs)
  }
}
