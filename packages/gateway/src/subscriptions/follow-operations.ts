import type { OperationRef, OperationsClient, OperationState } from '@teams-operations/core'
import { catchError, map, merge, of, type Observable } from 'rxjs'
import { SourceStream } from './source-stream.ts'

/** What a subscriber to operations gets to know: a state, or that there will be none of one of them. */
export type FollowedEvent = FollowedState | FollowingFailed

export interface FollowedState {
  readonly state: OperationState
}

export interface FollowingFailed {
  readonly ref: OperationRef
  readonly error: unknown
}

export interface FollowOptions {
  /** Whether the state after each check is news, or only one that is not the same as before. */
  readonly everyCheck: boolean
}

/** The states of an operation, until it has ended. */
export function followOperation(
  client: OperationsClient,
  ref: OperationRef,
  { everyCheck }: FollowOptions,
): SourceStream<OperationState> {
  return new SourceStream({
    events: client.watch(ref, { everyCheck: true }),
    refs: [ref],
    sharedAs: JSON.stringify([everyCheck, ref.location]),
    isNews: (state, before) => everyCheck || hasChanged(state, before),
  })
}

/**
 * The states of several operations, until all of them have ended. Failing to follow one is an event, so that
 * it does not take the others along.
 *
 * @param refs each once
 */
export function followOperations(
  client: OperationsClient,
  refs: readonly OperationRef[],
  { everyCheck }: FollowOptions,
): SourceStream<FollowedEvent> {
  const events = refs.map((ref): Observable<FollowedEvent> =>
    client.watch(ref, { everyCheck: true }).pipe(
      map((state) => ({ state })),
      catchError((error: unknown) => of({ ref, error })),
    ),
  )
  return new SourceStream({
    events: merge(...events),
    refs,
    sharedAs: JSON.stringify([everyCheck, ...refs.map(({ location }) => location).toSorted()]),
    // A failure is a topic of its own: the last state is worth having as well.
    topicOf: (event) => ('state' in event ? event.state.ref.location : `failed ${event.ref.location}`),
    isNews: (event, before) =>
      everyCheck || !('state' in event && 'state' in before) || hasChanged(event.state, before.state),
  })
}

function hasChanged(state: OperationState, before: OperationState): boolean {
  return state.revision !== before.revision
}
