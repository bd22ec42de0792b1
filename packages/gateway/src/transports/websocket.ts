import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '@teams-operations/core'
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql'
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Admission, Refusal } from '../access/admission.ts'
import { createKeyedCounter } from '../access/keyed-counter.ts'
import type { Limits } from '../access/limits.ts'
import { networkOf } from '../access/network-of.ts'
import type { Credentials } from '../access/authenticator.ts'
import type { Identities } from '../access/identities.ts'
import type { Identity } from '../access/identity.ts'
import type { Session } from '../access/session.ts'
import type { UsageMeter } from '../access/usage.ts'
import type { RefusalReason } from '../observability/gateway-stats.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnrepeatableError } from '../errors/unrepeatable-error.ts'
import { UserInputError } from '../errors/user-input-error.ts'
import type { CountedContext, LimitedExecutor } from '../execution/limit-executor.ts'
import type { ResultStream } from '../execution/present-results.ts'
import type { Recipient } from '../execution/recipient.ts'
import { closeCodeFor, INTERNAL_ERROR, SERVICE_RESTART, TRY_AGAIN_LATER } from './close-code.ts'
import type { Connections } from './connections.ts'
import { GatewaySocket } from './gateway-socket.ts'
import { EndOfTurn } from './end-of-turn.ts'
import { createHeartbeat } from './heartbeat.ts'
import { Outbox, type OutboxOptions } from './outbox.ts'
import { expiryOf, renewByPing } from './renewal.ts'
import { adaptSocket, shortened } from './socket-adapter.ts'
import { SocketRecipient } from './socket-recipient.ts'
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
  /** Whether clients may name documents by an id. */
  readonly persistsDocuments: boolean
  readonly keepAliveMs: number
  readonly onTurnedAway: (reason: RefusalReason, origin: string | undefined) => void
  readonly onUnexpectedError: (error: unknown) => void
}

/** Answers the event `upgrade` of a Node server. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What a socket was made of. */
interface Upgrade {
  readonly request: IncomingMessage
  readonly stream: Duplex
}

/** What graphql-ws hands on from `onSubscribe` to `subscribe`. */
interface SubscriptionArgs extends ExecutionArgs {
  readonly recipient: Recipient
  readonly turn: Turn
}

/** What is known of a socket. */
interface Visitor {
  readonly outbox: Outbox
  /** Whose it is, from `connection_init` on. */
  session: Session | undefined
  /** Makes it that of whom `connection_init` says. @returns the payload of `connection_ack`, or whether there is none */
  welcome(connectionParams: Credentials['connectionParams']): Promise<Record<string, unknown> | boolean>
}

/**
 * GraphQL over WebSocket: graphql-ws keeps the protocol, on an adapter of our own. What is not to be served
 * is refused before the upgrade.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function createWebSocketTransport(options: WebSocketTransportOptions): UpgradeHandler {
  const { path, admit, executor, createContext, identities, meter, connections } = options
  const { clock, limits, keepAliveMs, onTurnedAway, onUnexpectedError } = options
  const heartbeat = createHeartbeat(clock, keepAliveMs, Math.random)
  const outboxOptions: OutboxOptions = { ...limits, clock, endOfTurn: new EndOfTurn() }
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
  const protocol = makeServer<Record<string, unknown> | undefined, Visitor>({
    connectionInitWaitTimeout: limits.connectionInitMs,
    jsonMessageReviver: options.persistsDocuments ? withQuery : undefined,
    onConnect: ({ extra, connectionParams }) => extra.welcome(connectionParams),
    onSubscribe: ({ extra: { session, outbox }, subscriptions }, id, request) => {
      // graphql-ws lets nobody subscribe before `connection_ack`.
      if (!session) throw new Error('Expected a subscriber to be known')
      // The socket is being closed, for which its client may take its time.
      if (session.identity.isOver) return [new UnauthenticatedError('expired', 'The connection is over')]
      if (id.length > MAX_ID_CHARACTERS) return [idTooLong(id)]
      const operation = executor.prepare(request, createContext(session))
      if ('errors' in operation) return operation.errors
      if (operation.type === 'mutation') return [new UnrepeatableError()]
      const recipient = new SocketRecipient(id, outbox, session.usage.record)
      const turn = new Turn()
      subscriptions[id] = turn
      return { ...operation.args, recipient, turn } satisfies SubscriptionArgs
    },
    execute: (args: ExecutionArgs) =>
      (args as SubscriptionArgs).turn.outcome(executor.execute(args), () => {}),
    subscribe: async (args: ExecutionArgs) => {
      const { recipient, turn } = args as SubscriptionArgs
      const results = executor.subscribe(args, recipient)
      return throwFailure(await turn.outcome(results, (unwanted) => void unwanted.return()))
    },
    // graphql-ws would put `errors` last, where no other transport has them.
    onNext: (...[, , , , { errors, data }]) =>
      errors && { errors: errors.map((error) => error.toJSON()), ...(data === undefined ? {} : { data }) },
    onError: (_, __, ___, [error]) => failureOf(error)?.map((failure) => failure.toJSON()),
  })

  function close(socket: WebSocket, error: unknown): void {
    const code = closeCodeFor(error)
    if (code === undefined) onUnexpectedError(error)
    socket.close(code ?? INTERNAL_ERROR, code === undefined ? 'Internal error' : messageOf(error))
  }

  /** Opens the session of whoever the credentials are of, unless that is refused. */
  async function admitVisitor(
    credentials: Credentials,
    socket: WebSocket,
    signal: AbortSignal,
  ): Promise<Session | undefined> {
    let identity: Identity | undefined
    try {
      const proof = await identities.prove(credentials)
      if (signal.aborted) return undefined
      identity = identities.open(proof)
      const usage = meter(identity.principal)
      usage.connect()
      return { identity, usage, signal }
    } catch (error) {
      identity?.end()
      close(socket, error)
      return undefined
    }
  }

  /** @param recognized to be called when it is known whose the socket is */
  function open(socket: GatewaySocket, { request, stream }: Upgrade, recognized: () => void): void {
    const { authorization, origin } = request.headers
    const closing = new AbortController()
    const outbox = new Outbox(socket, stream, outboxOptions)
    const visitor: Visitor = {
      outbox,
      session: undefined,
      async welcome(connectionParams) {
        const credentials = { authorization, connectionParams }
        const session = await admitVisitor(credentials, socket, closing.signal)
        if (!session) return false
        recognized()
        visitor.session = session
        // Not 4401, with which clients would give up: connecting again, they may do better.
        session.identity.whenOver((reason) => socket.close(CloseCode.Forbidden, messageOf(reason)))
        return expiryOf(session.identity) ?? true
      },
    }
    const adapted = adaptSocket(socket, outbox, {
      ...limits,
      ...options,
      answerPing: (payload) => renewByPing(payload, visitor.session?.identity),
    })
    const closed = protocol.opened(adapted, visitor)
    const quiet = heartbeat.add(socket)
    const forget = connections.add({
      transport: 'websocket',
      origin,
      session: () => visitor.session,
      close: () => socket.close(SERVICE_RESTART, 'Service restart'),
      terminate: () => socket.terminate(),
    })
    // A broken connection or a message against the protocol: ws closes the socket, and that is all.
    socket.on('error', () => {})
    socket.once('close', (code, reason) => {
      closing.abort()
      outbox.close()
      visitor.session?.usage.close()
      visitor.session?.identity.end()
      quiet()
      const { bytesWritten: bytesSent, bytesRead: bytesReceived } = request.socket
      forget({ ...socket.endOf(code), bytesSent, bytesReceived })
      void closed(code, reason.toString())
    })
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
    if (!strangers.add(network)) {
      return refuse({
        reason: 'too-many',
        status: 429,
        message: 'Too many connections that have not said whose they are.',
      })
    }
    let isStranger = true
    const recognized = (): void => {
      if (isStranger) strangers.remove(network)
      isStranger = false
    }
    socket.once('close', recognized)
    sockets.handleUpgrade(request, socket, head, (upgraded) => {
      if (connections.isFull) turnAway(upgraded, request.headers.origin)
      else open(upgraded, { request, stream: socket }, recognized)
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

/** An id comes back with every message, and is kept as long as its subscription. */
const MAX_ID_CHARACTERS = 256
const FAREWELL_MS = 1_000

function messageOf(error: unknown): string {
  return error instanceof Error ? shortened(error.message) : ''
}

function idTooLong(id: string): GraphQLError {
  return new UserInputError(
    `Expected the id of a subscription to have at most ${MAX_ID_CHARACTERS} characters, got ${id.length}.`,
  )
}

/** graphql-ws insists on a document where an id may stand for it. */
function withQuery(key: string, value: unknown): unknown {
  // The empty key is that of the message itself.
  if (key !== '' || !isRecord(value) || !isRecord(value['payload'])) return value
  const { payload } = value
  return 'documentId' in payload || 'extensions' in payload
    ? { ...value, payload: { ...payload, query: payload['query'] ?? '' } }
    : value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

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

function answerWith({ status, message }: Refusal, socket: Duplex): void {
  // Who is refused may be gone before the refusal is written.
  socket.on('error', () => {})
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'Connection: close\r\n' +
      'Content-Type: text/plain; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  )
}
