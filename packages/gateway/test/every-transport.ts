import type { ConnectionTransport } from '../src/observability/gateway-stats.ts'
import { firstResult, outcomeOf, type AskedRequest, type Refusal } from './exchange.ts'
import type { Result, Start } from './exchange.ts'
import { startByGet, startByPost } from './http-exchange.ts'
import { openRawSocket, type RawSocket } from './raw-socket.ts'
import type { ServedGateway } from './serve-gateway.ts'
import { startOverSingleConnection } from './single-connection-exchange.ts'
import { startOverSocket, startOverSocketOfHeader } from './socket-exchange.ts'

/** Something that requests come over. */
export interface Transport {
  readonly start: Start
  /** As what its connections count; `undefined` where there are none, and so no subscriptions. */
  readonly connection: ConnectionTransport | undefined
  /** The types of operations that it takes. */
  readonly types: readonly ('query' | 'subscription')[]
  /** Gives the first answer to a request. */
  ask(served: ServedGateway, request: AskedRequest, authorization?: string): Promise<Result>
  /** The same, told apart from refusals of those who ask. */
  attempt(
    served: ServedGateway,
    query: string,
    authorization?: string,
  ): Promise<Refusal | { readonly result: Result }>
}

function transport(start: Start, connection?: ConnectionTransport): Transport {
  return {
    start,
    connection,
    types: connection ? ['query', 'subscription'] : ['query'],
    ask: async (...asked) => firstResult(await start(...asked)),
    async attempt(served, query, authorization) {
      const exchange = await start(served, { query }, authorization)
      const outcome = await outcomeOf(exchange)
      exchange.leave()
      return outcome
    },
  }
}

const byPost = transport(startByPost('application/json'))
const byGet = transport(startByGet)

/** Everything that a request can come over. */
export const everyTransport: readonly (readonly [name: string, Transport])[] = [
  ['HTTP POST', byPost],
  ['HTTP GET', byGet],
  ['server-sent events', transport(startByPost('text/event-stream'), 'sse')],
  ['server-sent events with a single connection', transport(startOverSingleConnection, 'sse')],
  // Only subscriptions are answered with parts.
  [
    'multipart',
    transport(
      startByPost('multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json'),
      'multipart',
    ),
  ],
  ['WebSocket', transport(startOverSocket, 'websocket')],
  ['WebSocket, with the token in the upgrade', transport(startOverSocketOfHeader, 'websocket')],
]

/** Everything that a subscription can come over. */
export const everyStream = everyTransport.filter(([, { connection }]) => connection)

/** A WebSocket that belongs to whom the token is of. */
export function openSocketOf(served: ServedGateway, token: string): Promise<RawSocket> {
  return openRawSocket(served.webSocketUrl, {}, { authorization: `Bearer ${token}` })
}
