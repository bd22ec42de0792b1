import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '@teams-operations/core'
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql'
import { handleProtocols, makeServer } from 'graphql-ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Admission, Refusal } from '../access/admission.ts'
import type { Limits } from '../access/limits.ts'
import type { Executor } from '../execution/executor.ts'
import type { ResultStream } from '../execution/present-results.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import type { Connections } from './connections.ts'
import { createHeartbeat } from './heartbeat.ts'
import { adaptSocket } from './socket-adapter.ts'

export interface WebSocketTransportOptions {
  readonly path: string
  readonly admit: Admission
  readonly executor: Executor
  readonly createContext: (signal: AbortSignal) => GatewayContext
  readonly connections: Connections
  readonly clock: Clock
  readonly limits: Limits
  readonly keepAliveMs: number
  readonly onUnexpectedError: (error: unknown) => void
}

/** Answers the event `upgrade` of a Node server. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

interface SocketExtra {
  /** Aborted when the socket has closed. */
  readonly signal: AbortSignal
}

/**
 * GraphQL over WebSocket: graphql-ws keeps the protocol, on an adapter of our own. What is not to be served
 * is refused before the upgrade.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function createWebSocketTransport(options: WebSocketTransportOptions): UpgradeHandler {
  const { path, admit, executor, createContext, connections, clock, limits, keepAliveMs } = options
  const heartbeat = createHeartbeat(clock, keepAliveMs)
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    maxFragments: 64,
    maxBufferedChunks: 1024,
    handleProtocols,
  })
  const protocol = makeServer<Record<string, unknown> | undefined, SocketExtra>({
    connectionInitWaitTimeout: limits.connectionInitMs,
    onSubscribe: ({ extra }, _, request) => {
      const operation = executor.prepare(request, createContext(extra.signal))
      return 'errors' in operation ? operation.errors : operation.args
    },
    execute: (args: ExecutionArgs) => executor.execute(args),
    subscribe: async (args: ExecutionArgs) => throwFailure(await executor.subscribe(args)),
    onError: (_, __, ___, [error]) => failureOf(error)?.map((failure) => failure.toJSON()),
  })

  function open(socket: WebSocket): void {
    const closing = new AbortController()
    const closed = protocol.opened(adaptSocket(socket, { ...limits, ...options }), { signal: closing.signal })
    const quiet = heartbeat.add(socket)
    const forget = connections.add({
      transport: 'websocket',
      close: () => socket.close(SERVICE_RESTART, 'Service restart'),
      terminate: () => socket.terminate(),
    })
    // A broken connection or a message against the protocol: ws closes the socket, and that is all.
    socket.on('error', () => {})
    socket.once('close', (code, reason) => {
      closing.abort()
      quiet()
      forget()
      void closed(code, reason.toString())
    })
  }

  function refusalOf({ method, url, headers }: IncomingMessage): Refusal | undefined {
    if (connections.isClosing) return { status: 503, message: 'The gateway is stopping.' }
    if (url?.split('?', 1)[0] !== path)
      return { status: 404, message: `There is no WebSocket but at ${path}.` }
    if (!handleProtocols(headers['sec-websocket-protocol'] ?? '')) {
      return { status: 400, message: 'Expected the subprotocol graphql-transport-ws.' }
    }
    return admit({
      method: method ?? '',
      host: headers.host ?? null,
      origin: headers.origin ?? null,
      fetchSite: headers['sec-fetch-site']?.toString() ?? null,
      fetchMode: headers['sec-fetch-mode']?.toString() ?? null,
    })
  }

  return (request, socket, head) => {
    const refusal = refusalOf(request)
    if (refusal) refuse(socket, refusal)
    else sockets.handleUpgrade(request, socket, head, open)
  }
}

/** Of RFC 6455. Clients come back, after a while. */
const SERVICE_RESTART = 1012

/** Why a subscription ended early, on its way through graphql-ws to its message `error`. */
class SubscriptionFailure extends Error {
  readonly errors: readonly GraphQLError[]

  constructor(errors: readonly GraphQLError[]) {
    super('The subscription failed')
    this.errors = errors
  }
}

/** Throws for the result without `data` that ends a failed subscription: graphql-ws makes it an `error`. */
function throwFailure(results: ResultStream): AsyncIterable<ExecutionResult> {
  const iterator = {
    async next() {
      const result = await results.next()
      if (!result.done && result.value.data === undefined)
        throw new SubscriptionFailure(result.value.errors ?? [])
      return result
    },
    return: () => results.return(),
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

function failureOf(error: GraphQLError | undefined): readonly GraphQLError[] | undefined {
  const origin = error?.originalError
  return origin instanceof SubscriptionFailure ? origin.errors : undefined
}

function refuse(socket: Duplex, { status, message }: Refusal): void {
  // Who is refused may be gone before the refusal is written.
  socket.on('error', () => {})
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'Connection: close\r\n' +
      'Content-Type: text/plain; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  )
}
