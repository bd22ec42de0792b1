import type { Clock, OperationState } from '@teams-operations/core'
import { defer, finalize, type Observable } from 'rxjs'
import { atIntervals } from './at-intervals.ts'

/** The shortest time from one overview to the next. */
const MIN_REST_MS = 250
/** Some three times what it takes to make an overview of so many. */
const OPERATIONS_PER_MS = 8

/**
 * Keeps what overviews cost within a part of the time that there is. Whoever comes or goes brings one about for
 * all who look, and making it takes longer the more operations there are; and what not all can share is made
 * several times. So they rest for longer in between, each and all together.
 */
export class OverviewPace {
  readonly #clock: Clock
  /** How many are made each time. */
  #open = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What is followed, as often as an overview of it may be made; the newest always. */
  keep(followed: Observable<readonly OperationState[]>): Observable<readonly OperationState[]> {
    const restMs = ({ length }: readonly OperationState[]): number =>
      MIN_REST_MS + (this.#open * length) / OPERATIONS_PER_MS
    return defer(() => {
      this.#open += 1
      return followed.pipe(
        atIntervals(this.#clock, restMs),
        finalize(() => (this.#open -= 1)),
      )
    })
  }
}
