import { filter, take, type MonoTypeOperatorFunction } from 'rxjs'
import type { OperationState } from '../operation/operation-state.ts'
import type { TeamsAsyncOperationStatus } from '../operation/teams-async-operation.ts'

/**
 * The first state with one of these statuses, then completion. Completes without a value when the source
 * does before: a status that passes between two checks is never seen, so ask for those that may follow, too.
 *
 * @example
 * ```ts
 * operations
 *   .watch(ref)
 *   .pipe(whenStatus('inProgress', 'succeeded', 'failed'))
 *   .subscribe(() => console.log('out of the queue'))
 * ```
 */
export function whenStatus(
  ...statuses: [TeamsAsyncOperationStatus, ...TeamsAsyncOperationStatus[]]
): MonoTypeOperatorFunction<OperationState> {
  const awaited = new Set<string>(statuses)
  return (states) =>
    states.pipe(
      filter(({ operation }) => awaited.has(operation.status)),
      take(1),
    )
}
