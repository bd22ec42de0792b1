import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OperationsClient } from '@teams-operations/core'
import { createSchema } from '../../packages/gateway/src/schema/create-schema.ts'
import { unlimitedAccess } from '../../packages/gateway/src/resolvers/operation-access.ts'
import { anonymous } from '../../packages/gateway/src/resolvers/principal.ts'
import type { GatewayContext } from '../../packages/gateway/src/resolvers/context.ts'
import { OverviewPace } from '../../packages/gateway/src/subscriptions/overview-pace.ts'
import { systemClock } from '@teams-operations/core'

/** Serves subscriptions to operations over WebSocket, in one of the ways to compare, on a port of this machine. */
export type Contender = (operations: OperationsClient) => Promise<Server>

/** The schema of the gateway, which any engine of GraphQL can execute: all send the same results. */
export const schema = createSchema()

/** What its resolvers need. */
export function contextOf(operations: OperationsClient): GatewayContext {
  return {
    operations,
    clock: systemClock,
    principal: anonymous,
    access: unlimitedAccess,
    authorizeStart: () => false,
    maxRefs: 1_000,
    overviewPace: new OverviewPace(systemClock),
    inTurn: (list) => list(),
    signal: new AbortController().signal,
  }
}

export async function listen(handleRequest?: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(handleRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
