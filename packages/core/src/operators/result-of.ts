import { defer, filter, map, take, tap, throwIfEmpty, type OperatorFunction } from 'rxjs'
import type { OperationState } from '../operation/operation-state.ts'
import { isTerminal, type TeamsAsyncOperation } from '../operation/teams-async-operation.ts'
import { OperationFailedError } from './operation-failed-error.ts'
import { OperationUnfinishedError } from './operation-unfinished-error.ts'

/**
 * The operation once it has succeeded, as the one value of the stream.
 *
 * Its errors are {@link OperationFailedError} when the operation has failed and
 * {@link OperationUnfinishedError} when the source completes before either, besides those of the source.
 *
 * @example
 * ```ts
 * const team = await firstValueFrom(operations.watch(ref).pipe(resultOf()))
 * console.log(team.targetResourceId)
 * ```
 */
export function resultOf(): OperatorFunction<OperationState, TeamsAsyncOperation> {
  return (states) =>
    defer(() => {
      let lastState: OperationState | undefined
      return states.pipe(
        tap((state) => (lastState = state)),
        filter(({ operation }) => isTerminal(operation.status)),
        take(1),
        map((state) => {
          if (state.operation.status === 'failed') throw new OperationFailedError(state)
          return state.operation
        }),
        throwIfEmpty(() => new OperationUnfinishedError(lastState)),
      )
    })
}
