import type { Clock } from '@teams-operations/core'

/** Whether something that is tried again and again works. `unknown` before it was tried. */
export type Condition = 'unknown' | 'good' | 'bad'

/** How long it may fail before it is bad: one broken connection is none, nor is one 502. */
const GRACE_MS = 60_000

/** What became of the attempts at something. */
export class Outcomes {
  readonly #clock: Clock
  readonly #onChange: (condition: Condition, reason?: unknown) => void
  #condition: Condition = 'unknown'
  #failingSince: number | undefined
  #learntAt = -Infinity

  constructor(clock: Clock, onChange: (condition: Condition, reason?: unknown) => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  get condition(): Condition {
    return this.#condition
  }

  get isFailing(): boolean {
    return this.#failingSince !== undefined
  }

  /** When it was last tried, on the monotonic clock. */
  get learntAt(): number {
    return this.#learntAt
  }

  succeeded(): void {
    this.#learntAt = this.#clock.monotonic()
    this.#failingSince = undefined
    this.#become('good')
  }

  /** Bad at once where it has never been good. @param reason for whoever is told of the change */
  failed(reason: unknown): void {
    this.#learntAt = this.#clock.monotonic()
    this.#failingSince ??= this.#learntAt
    const isPassing = this.#condition === 'good' && this.#learntAt - this.#failingSince < GRACE_MS
    if (!isPassing) this.#become('bad', reason)
  }

  #become(condition: Condition, reason?: unknown): void {
    if (this.#condition === condition) return
    this.#condition = condition
    this.#onChange(condition, reason)
  }
}
