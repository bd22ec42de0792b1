import {
  toAsyncIterable,
  type OperationRef,
  type OperationsClient,
  type OperationState,
} from '@teams-operations/core'
import { catchError, map, merge, of, type Observable } from 'rxjs'

/** What a subscriber to operations gets to know: a state, or that there will be none of one of them. */
export type FollowedEvent = FollowedState | FollowingFailed

export interface FollowedState {
  readonly state: OperationState
}

export interface FollowingFailed {
  readonly ref: OperationRef
  readonly error: unknown
}

/**
 * The states of several operations as one stream, which ends when all of them have. Failing to follow one
 * is an event, so that it does not take the others along.
 */
export function followOperations(
  client: OperationsClient,
  refs: readonly OperationRef[],
  { everyCheck }: { readonly everyCheck: boolean },
): AsyncIterable<FollowedEvent> {
  const events = distinct(refs).map((ref): Observable<FollowedEvent> =>
    client.watch(ref, { everyCheck }).pipe(
      map((state) => ({ state })),
      catchError((error: unknown) => of({ ref, error })),
    ),
  )
  return toAsyncIterable(merge(...events), {
    // A failure has a key of its own: the last state, if it still waits, is worth having as well.
    keyOf: (event) => ('state' in event ? event.state.ref.location : `failed ${event.ref.location}`),
  })
}

function distinct(refs: readonly OperationRef[]): readonly OperationRef[] {
  return [...new Map(refs.map((ref) => [ref.location, ref])).values()]
}
