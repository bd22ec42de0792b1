import { toAsyncIterable, type OperationState } from '@teams-operations/core'
import { FollowingFailedError } from '../errors/following-failed-error.ts'
import { UserInputError } from '../errors/user-input-error.ts'
import { followOperations, type FollowedEvent } from '../subscriptions/follow-operations.ts'
import type { GatewayContext } from './context.ts'
import { refInput, type RefArgument } from './ref-argument.ts'
import type { Resolvers } from './resolvers.ts'
import { watchVisible } from './visible-operations.ts'

/**
 * The three subscriptions. `subscribe` gives the events; `resolve` runs once for each event that is sent.
 * Both are called with what the schema has checked, nothing else.
 */
export const subscriptionResolvers: Resolvers = {
  Subscription: {
    teamsAsyncOperation: {
      subscribe: (
        _: unknown,
        { ref, everyCheck }: { ref: RefArgument; everyCheck: boolean },
        { operations }: GatewayContext,
      ): AsyncIterable<OperationState> =>
        toAsyncIterable(operations.watch(operations.ref(refInput(ref)), { everyCheck })),
      resolve: (state: OperationState): OperationState => state,
    },

    teamsAsyncOperations: {
      subscribe: (
        _: unknown,
        { refs, everyCheck }: { refs: readonly RefArgument[]; everyCheck: boolean },
        { operations, maxRefs }: GatewayContext,
      ): AsyncIterable<FollowedEvent> => {
        if (refs.length === 0) throw new UserInputError('Expected at least one of `refs`, got none.')
        if (refs.length > maxRefs)
          throw new UserInputError(`Expected at most ${maxRefs} of \`refs\`, got ${refs.length}.`)
        return followOperations(
          operations,
          refs.map((ref) => operations.ref(refInput(ref))),
          { everyCheck },
        )
      },
      resolve: (event: FollowedEvent): OperationState => {
        if ('state' in event) return event.state
        throw new FollowingFailedError(event.ref, event.error)
      },
    },

    followedOperations: {
      subscribe: (
        _: unknown,
        __: unknown,
        { operations, access }: GatewayContext,
      ): AsyncIterable<readonly OperationState[]> =>
        toAsyncIterable(watchVisible(operations.followed(), access)),
      resolve: (states: readonly OperationState[]): readonly OperationState[] => states,
    },
  },
}
