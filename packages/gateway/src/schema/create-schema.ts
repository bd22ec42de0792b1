import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import type { GatewayContext } from '../resolvers/context.ts'
import { queryResolvers } from '../resolvers/query.ts'
import { subscriptionResolvers } from '../resolvers/subscription.ts'
import { teamsAsyncOperationResolvers } from '../resolvers/teams-async-operation.ts'
import { typeDefs } from './type-defs.ts'

/** The contract with what answers it. */
export function createSchema(): GraphQLSchema {
  return makeExecutableSchema<GatewayContext>({
    typeDefs,
    resolvers: [teamsAsyncOperationResolvers, queryResolvers, subscriptionResolvers].flat(),
    // A resolver for what the contract does not have is a mistake, and so is a missing one.
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
}
