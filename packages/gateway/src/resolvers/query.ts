import type { OperationState } from '@teams-operations/core'
import { firstValueFrom } from 'rxjs'
import type { GatewayContext } from './context.ts'
import { operationConnection, type OperationConnection, type PageArguments } from './operation-connection.ts'
import { operationOwner, refInput, type OwnerArgument, type RefArgument } from './ref-argument.ts'
import type { Resolvers } from './resolvers.ts'
import { visibleOperations } from './visible-operations.ts'

export const queryResolvers: Resolvers = {
  Query: {
    teamsAsyncOperation: async (
      _: unknown,
      { ref }: { ref: RefArgument },
      { operations, access, signal }: GatewayContext,
    ): Promise<OperationState> => {
      const named = operations.ref(refInput(ref))
      await access.demand(named)
      const state = await operations.get(named, { signal })
      // Graph takes its time, in which they may have lost the right to see it.
      await access.demand(named)
      return state
    },

    teamsAsyncOperations: (
      _: unknown,
      { of, ...page }: { of: OwnerArgument } & PageArguments,
      context: GatewayContext,
    ): Promise<OperationConnection> =>
      context.inTurn(() => operationConnection(operationOwner(of), page, context)),

    followedOperations: async (
      _: unknown,
      __: unknown,
      { operations, access }: GatewayContext,
    ): Promise<readonly OperationState[]> =>
      visibleOperations(await firstValueFrom(operations.followed()), access),
  },
}
