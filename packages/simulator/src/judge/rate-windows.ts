const SECOND_MS = 1_000

/**
 * Counts requests over sliding seconds. What was refused counts as well, as it does with Graph. Remembers
 * only what is younger than two windows, however many keys there have been.
 */
export class RateWindows {
  readonly #capacity: number
  readonly #windowMs: number
  #current = new Map<string, RateWindow>()
  #previous = new Map<string, RateWindow>()
  #rotatedAt = -Infinity

  constructor(perSecond: number) {
    this.#capacity = Math.max(1, Math.floor(perSecond))
    this.#windowMs = perSecond >= 1 ? SECOND_MS : SECOND_MS / perSecond
  }

  /** Counts a request. @returns whether it is one too many */
  hit(key: string, at: number): boolean {
    this.#rotate(at)
    const window = this.#current.get(key) ?? this.#previous.get(key) ?? new RateWindow(this.#capacity)
    this.#current.set(key, window)
    return window.hit(at) > at - this.#windowMs
  }

  #rotate(at: number): void {
    if (at - this.#rotatedAt < this.#windowMs) return
    this.#previous = at - this.#rotatedAt < 2 * this.#windowMs ? this.#current : new Map()
    this.#current = new Map()
    this.#rotatedAt = at
  }
}

/** The moments of as many requests as the limit grants, the oldest replaced by the next. */
class RateWindow {
  readonly #moments: number[]
  #next = 0

  constructor(capacity: number) {
    this.#moments = Array.from({ length: capacity }, () => -Infinity)
  }

  /** @returns the moment of the request that is as many before this one as the limit grants */
  hit(at: number): number {
    const oldest = this.#moments[this.#next] as number
    this.#moments[this.#next] = at
    this.#next = (this.#next + 1) % this.#moments.length
    return oldest
  }
}
