import type { IExecutableSchemaDefinition } from '@graphql-tools/schema'
import type { GatewayContext } from './context.ts'

/** What answers the fields of the contract, by type and field. */
export type Resolvers = NonNullable<IExecutableSchemaDefinition<GatewayContext>['resolvers']>
