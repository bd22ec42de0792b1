import type { OperationState } from '@teams-operations/core'
import { firstValueFrom } from 'rxjs'
import type { GatewayContext } from './context.ts'
import { operationConnection, type OperationConnection, type PageArguments } from './operation-connection.ts'
import { operationOwner, refInput, type OwnerArgument, type RefArgument } from './ref-argument.ts'
import type { Resolvers } from './resolvers.ts'

export const queryResolvers: Resolvers = {
  Query: {
    teamsAsyncOperation: (
      _: unknown,
      { ref }: { ref: RefArgument },
      { operations, signal }: GatewayContext,
    ): Promise<OperationState> => operations.get(refInput(ref), { signal }),

    teamsAsyncOperations: (
      _: unknown,
      { of, ...page }: { of: OwnerArgument } & PageArguments,
      context: GatewayContext,
    ): Promise<OperationConnection> => operationConnection(operationOwner(of), page, context),

    followedOperations: (
      _: unknown,
      __: unknown,
      { operations }: GatewayContext,
    ): Promise<readonly OperationState[]> => firstValueFrom(operations.followed()),
  },
}
