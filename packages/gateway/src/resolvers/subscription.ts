import type { OperationState } from '@teams-operations/core'
import { FollowingFailedError } from '../errors/following-failed-error.ts'
import { followOperation, followOperations, type FollowedEvent } from '../subscriptions/follow-operations.ts'
import { SourceStream } from '../subscriptions/source-stream.ts'
import type { GatewayContext } from './context.ts'
import { refInput, type RefArgument } from './ref-argument.ts'
import type { Resolvers } from './resolvers.ts'
import { subscribedRefs } from './subscribed-refs.ts'
import { watchVisible } from './visible-operations.ts'

/**
 * The three subscriptions. `subscribe` runs for each subscriber, and gives the events, with whom they are shared,
 * and of which operations: whether the subscriber may see those is asked by whoever executes it. `resolve` runs
 * once for each event and all who share it, so it must not depend on who they are. Both are called with what
 * the schema has checked, nothing else.
 */
export const subscriptionResolvers: Resolvers = {
  Subscription: {
    teamsAsyncOperation: {
      subscribe: (
        _: unknown,
        { ref, everyCheck }: { ref: RefArgument; everyCheck: boolean },
        { operations }: GatewayContext,
      ): SourceStream<OperationState> =>
        followOperation(operations, operations.ref(refInput(ref)), { everyCheck }),
      resolve: (state: OperationState): OperationState => state,
    },

    teamsAsyncOperations: {
      subscribe: (
        _: unknown,
        { refs, everyCheck }: { refs: readonly RefArgument[]; everyCheck: boolean },
        context: GatewayContext,
      ): SourceStream<FollowedEvent> =>
        followOperations(context.operations, subscribedRefs(refs, context), { everyCheck }),
      resolve: (event: FollowedEvent): OperationState => {
        if ('state' in event) return event.state
        throw new FollowingFailedError(event.ref, event.error)
      },
    },

    followedOperations: {
      subscribe: (
        _: unknown,
        __: unknown,
        { operations, access, overviewPace }: GatewayContext,
      ): SourceStream<readonly OperationState[]> => {
        const followed = overviewPace.keep(operations.followed())
        return new SourceStream({
          // What may be seen is decided last: nothing that waits was decided before it changed.
          events: watchVisible(followed, access),
          // And for this subscriber, for as long as they are there.
          sharedAs: access.isLimited ? undefined : 'followed',
          refs: [],
        })
      },
      resolve: (states: readonly OperationState[]): readonly OperationState[] => states,
    },
  },
}
