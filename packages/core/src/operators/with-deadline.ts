import { defer, map, takeUntil, tap, type MonoTypeOperatorFunction } from 'rxjs'
import { systemClock, type Clock } from '../clock.ts'
import type { OperationState } from '../operation/operation-state.ts'
import { DeadlineExceededError } from './deadline-exceeded-error.ts'
import { elapse } from './elapse.ts'
import { counted, type Tally } from './tally.ts'

export interface DeadlineOptions {
  /** Counts from the moment of subscribing. May be longer than a timer can be. */
  readonly deadlineMs: number
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
  /**
   * What the error is to say of the answers until then.
   *
   * @default counts of the statuses that this subscriber has seen
   */
  readonly answered?: (() => Tally) | undefined
  /**
   * What the error is to carry as the last known state.
   *
   * @default the last one that this subscriber has seen
   */
  readonly lastState?: (() => OperationState | undefined) | undefined
}

/**
 * Gives up with {@link DeadlineExceededError} when the source has not completed in time. The operation
 * itself goes on; nothing can cancel it.
 *
 * @example
 * ```ts
 * operations
 *   .watch(ref)
 *   .pipe(withDeadline({ deadlineMs: 15 * 60_000 }))
 *   .subscribe({ error: (error) => console.error(error.message) })
 * ```
 *
 * @throws TypeError when `deadlineMs` is not a positive number
 */
export function withDeadline({
  deadlineMs,
  clock = systemClock,
  answered,
  lastState,
}: DeadlineOptions): MonoTypeOperatorFunction<OperationState> {
  if (!(deadlineMs > 0)) {
    throw new TypeError(`Expected \`deadlineMs\` to be a positive number of milliseconds, got ${deadlineMs}`)
  }
  return (states) =>
    defer(() => {
      let lastSeen: OperationState | undefined
      let seen: Tally = {}
      const deadline = elapse(clock, deadlineMs).pipe(
        map(() => {
          throw new DeadlineExceededError({
            deadlineMs,
            answered: answered?.() ?? seen,
            lastState: lastState?.() ?? lastSeen,
          })
        }),
      )
      return states.pipe(
        tap((state) => {
          lastSeen = state
          seen = counted(seen, state.operation.status, 1)
        }),
        takeUntil(deadline),
      )
    })
}
