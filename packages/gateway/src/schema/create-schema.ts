import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import type { GatewayContext } from '../resolvers/context.ts'
import { mutationResolvers } from '../resolvers/mutation.ts'
import { queryResolvers } from '../resolvers/query.ts'
import { subscriptionResolvers } from '../resolvers/subscription.ts'
import { teamsAsyncOperationResolvers } from '../resolvers/teams-async-operation.ts'
import { mutationTypeDefs } from './mutation-type-defs.ts'
import { typeDefs } from './type-defs.ts'

export interface SchemaOptions {
  /** Whether it has mutations. @default false */
  readonly allowStart?: boolean | undefined
}

/** The contract with what answers it. */
export function createSchema({ allowStart = false }: SchemaOptions = {}): GraphQLSchema {
  const resolvers = [teamsAsyncOperationResolvers, queryResolvers, subscriptionResolvers].flat()
  return makeExecutableSchema<GatewayContext>({
    typeDefs: allowStart ? [typeDefs, mutationTypeDefs] : typeDefs,
    resolvers: allowStart ? [...resolvers, mutationResolvers].flat() : resolvers,
    // A resolver for what the contract does not have is a mistake, and so is a missing one.
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
}
