import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '@teams-operations/core'
import type { ExecutionArgs, GraphQLError } from 'graphql'
import { handleProtocols, makeServer } from 'graphql-ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Admission, Refusal } from '../access/admission.ts'
import { createKeyedCounter } from '../access/keyed-counter.ts'
import type { Limits } from '../access/limits.ts'
import { networkOf } from '../access/network-of.ts'
import type { Identities } from '../access/identities.ts'
import type { Session } from '../access/session.ts'
import type { UsageMeter } from '../access/usage.ts'
import type { RefusalReason } from '../observability/gateway-stats.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnrepeatableError } from '../errors/unrepeatable-error.ts'
import { UserInputError } from '../errors/user-input-error.ts'
import type { CountedContext, LimitedExecutor } from '../execution/limit-executor.ts'
import type { Recipient } from '../execution/recipient.ts'
import { TRY_AGAIN_LATER } from './close-code.ts'
import type { Connections } from './connections.ts'
import { GatewaySocket } from './gateway-socket.ts'
import { EndOfTurn } from './end-of-turn.ts'
import { createHeartbeat } from './heartbeat.ts'
import { MAX_ID_CHARACTERS } from './operation-id.ts'
import { SocketConnection, type ConnectionParams, type SocketConnectionOptions } from './socket-connection.ts'
import { SocketRecipient } from './socket-recipient.ts'
import { failureOf, SocketResults } from './socket-results.ts'
import { Turn } from './turn.ts'

export interface WebSocketTransportOptions {
  readonly path: string
  readonly admit: Admission
  readonly executor: LimitedExecutor
  readonly createContext: (session: Session) => CountedContext
  readonly identities: Identities
  readonly meter: UsageMeter
  readonly connections: Connections
  readonly clock: Clock
  readonly limits: Limits
  readonly keepAliveMs: number
  readonly onTurnedAway: (reason: RefusalReason, origin: string | undefined) => void
  readonly onUnexpectedError: (error: unknown) => void
}

/** Answers the event `upgrade` of a Node server. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What a client asked for over a socket. */
interface Asked {
  readonly args: ExecutionArgs
  readonly recipient: Recipient
}

/** What graphql-ws hands on from `onSubscribe`, and keeps for as long as the subscription: no more than it needs. */
interface SubscriptionArgs extends ExecutionArgs {
  readonly turn: Turn<Asked>
}

/**
 * GraphQL over WebSocket: graphql-ws keeps the protocol, on an adapter of our own. What is not to be served
 * is refused before the upgrade.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function createWebSocketTransport(options: WebSocketTransportOptions): UpgradeHandler {
  const { path, admit, executor, createContext, connections, clock, limits, onTurnedAway } = options
  /** Sockets from each network of which it is not known yet whose they are. */
  const strangers = createKeyedCounter<string>(limits.maxUnauthenticatedPerAddress)
  const sockets = new WebSocketServer({
    WebSocket: GatewaySocket,
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Whoever sends many messages at once waits between them for everybody else.
    allowSynchronousEvents: false,
    maxPayload: limits.maxMessageBytes,
    maxFragments: 64,
    maxBufferedChunks: 1024,
    handleProtocols,
  })
  const protocol = makeServer<ConnectionParams, SocketConnection>({
    // Who came has a timer of their own, on our clock.
    connectionInitWaitTimeout: 0,
    onConnect: ({ extra, connectionParams }) => extra.welcome(connectionParams),
    onSubscribe: ({ extra, subscriptions }, id) => {
      const { session, outbox } = extra
      const request = extra.takeAsked()
      // graphql-ws lets nobody subscribe before `connection_ack`.
      if (!session) throw new Error('Expected a subscriber to be known')
      // The socket is being closed, for which its client may take its time.
      if (session.identity.isOver) return [new UnauthenticatedError('expired', 'The connection is over')]
      if (id.length > MAX_ID_CHARACTERS) return [idTooLong(id)]
      const operation = executor.prepare(request, createContext(session))
      if ('errors' in operation) return operation.errors
      if (operation.type === 'mutation') return [new UnrepeatableError()]
      const { args } = operation
      const turn = new Turn<Asked>({ args, recipient: new SocketRecipient(id, outbox, session.usage.record) })
      subscriptions[id] = turn
      const { schema, document, operationName } = args
      return { schema, document, operationName, turn } satisfies SubscriptionArgs
    },
    execute: (execution: ExecutionArgs) =>
      turnOf(execution).take(
        ({ args }) => executor.execute(args),
        () => {},
      ),
    subscribe: async (execution: ExecutionArgs) => {
      const results = await turnOf(execution).take(
        ({ args, recipient }) => executor.subscribe(args, recipient),
        (unwanted) => void unwanted.return(),
      )
      return new SocketResults(results)
    },
    // graphql-ws would put `errors` last, where no other transport has them.
    onNext: (...[, , , , { errors, data }]) =>
      errors && { errors: errors.map((error) => error.toJSON()), ...(data === undefined ? {} : { data }) },
    onError: (_, __, ___, [error]) => failureOf(error)?.map((failure) => failure.toJSON()),
  })

  const shared: SocketConnectionOptions = {
    ...options,
    ...limits,
    protocol,
    strangers,
    heartbeat: createHeartbeat(clock, options.keepAliveMs, Math.random),
    endOfTurn: new EndOfTurn(),
  }

  function refusalOf({ method, url, headers }: IncomingMessage): Refusal | undefined {
    if (connections.isClosing) return { reason: 'stopping', status: 503, message: 'The gateway is stopping.' }
    if (url === undefined || url.split('?', 1)[0] !== path)
      return { reason: 'path', status: 404, message: `There is no WebSocket but at ${path}.` }
    if (!handleProtocols(headers['sec-websocket-protocol'] ?? '')) {
      return { reason: 'subprotocol', status: 400, message: 'Expected the subprotocol graphql-transport-ws.' }
    }
    return admit({
      method: method ?? '',
      host: headers.host ?? null,
      origin: headers.origin ?? null,
      fetchSite: headers['sec-fetch-site']?.toString() ?? null,
      fetchMode: headers['sec-fetch-mode']?.toString() ?? null,
      search: url.slice(path.length),
    })
  }

  return (request, socket, head) => {
    // Where a server takes its time before the upgrade, the client may be gone.
    if (socket.destroyed) return
    const refuse = (refused: Refusal): void => {
      onTurnedAway(refused.reason, request.headers.origin)
      answerWith(refused, socket)
    }
    const refusal = refusalOf(request)
    if (refusal) return refuse(refusal)
    const network = networkOf(request.socket.remoteAddress ?? '')
    if (strangers.count(network) >= limits.maxUnauthenticatedPerAddress) {
      return refuse({
        reason: 'too-many',
        status: 429,
        message: 'Too many connections that have not said whose they are.',
      })
    }
    sockets.handleUpgrade(request, socket, head, (upgraded) => {
      const { authorization, origin } = request.headers
      if (connections.isFull || connections.isFullOfStrangers) return turnAway(upgraded, origin)
      const arrival = { stream: request.socket, authorization, origin, network }
      new SocketConnection(upgraded, arrival, shared).open()
    })
  }

  /** Says why, but does not wait for long until it has been heard. */
  function turnAway(socket: WebSocket, origin: string | undefined): void {
    onTurnedAway('too-many', origin)
    socket.on('error', () => {})
    const cancelTimer = clock.timer(FAREWELL_MS, () => socket.terminate())
    socket.once('close', cancelTimer)
    socket.close(TRY_AGAIN_LATER, 'Too many connections')
  }
}

const FAREWELL_MS = 1_000

function idTooLong(id: string): GraphQLError {
  return new UserInputError(
    `Expected the id of a subscription to have at most ${MAX_ID_CHARACTERS} characters, got ${id.length}.`,
  )
}

function turnOf(execution: ExecutionArgs): Turn<Asked> {
  return (execution as SubscriptionArgs).turn
}

function answerWith({ status, message }: Refusal, socket: Duplex): void {
  // Who is refused may be gone before the refusal is written.
  socket.on('error', () => {})
  // Whether the other side closes as well is up to it, and nothing else would notice that it does not.
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'Connection: close\r\n' +
      'Content-Type: text/plain; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  )
}
