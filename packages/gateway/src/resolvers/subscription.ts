import type { OperationState } from '@teams-operations/core'
import { FollowingFailedError } from '../errors/following-failed-error.ts'
import { UserInputError } from '../errors/user-input-error.ts'
import { atIntervals } from '../subscriptions/at-intervals.ts'
import { followOperation, followOperations, type FollowedEvent } from '../subscriptions/follow-operations.ts'
import { SourceStream } from '../subscriptions/source-stream.ts'
import type { GatewayContext } from './context.ts'
import { refInput, type RefArgument } from './ref-argument.ts'
import type { Resolvers } from './resolvers.ts'
import { watchVisible } from './visible-operations.ts'

/**
 * The three subscriptions. `subscribe` runs for each subscriber, and gives the events and with whom they are
 * shared; `resolve` runs once for each event and all who share it, so it must not depend on who they are.
 * Both are called with what the schema has checked, nothing else.
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
        { operations, maxRefs }: GatewayContext,
      ): SourceStream<FollowedEvent> => {
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
        { operations, access, clock }: GatewayContext,
      ): SourceStream<readonly OperationState[]> => {
        const followed = operations.followed().pipe(atIntervals(clock, overviewRestMs))
        // What may be seen is decided last: nothing that waits was decided before it changed.
        return new SourceStream({ events: watchVisible(followed, access), sharedAs: 'followed' })
      },
      resolve: (states: readonly OperationState[]): readonly OperationState[] => states,
    },
  },
}

/**
 * How long to wait after an overview before the next one: whoever comes or goes brings one about, and making
 * it takes longer the more operations there are.
 */
function overviewRestMs({ length }: readonly OperationState[]): number {
  return 250 + length / 4
}
