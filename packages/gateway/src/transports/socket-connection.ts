import type { Socket } from 'node:net'
import type { CancelTimer } from '@teams-operations/core'
import {
  CloseCode,
  MessageType,
  parseMessage,
  stringifyMessage,
  type Message,
  type Server,
  type SubscribePayload,
  type WebSocket as GraphQLSocket,
} from 'graphql-ws'
import type { Credentials } from '../access/authenticator.ts'
import type { Identities } from '../access/identities.ts'
import type { Identity } from '../access/identity.ts'
import type { KeyedCounter } from '../access/keyed-counter.ts'
import { limitTimer } from '../access/limit-timer.ts'
import type { Session } from '../access/session.ts'
import type { UsageMeter } from '../access/usage.ts'
import { closeCodeFor, INTERNAL_ERROR, SERVICE_RESTART } from './close-code.ts'
import type { Connection, Connections } from './connections.ts'
import type { GatewaySocket } from './gateway-socket.ts'
import type { Heartbeat, Pulse } from './heartbeat.ts'
import { Outbox, type OutboxOptions } from './outbox.ts'
import { Reading, type Reader, type ReadingOptions } from './reading.ts'
import { expiryOf, renewByPing, type PingPayload } from './renewal.ts'

/** What came with `connection_init`. */
export type ConnectionParams = Record<string, unknown> | undefined

/** What all WebSockets of a gateway have in common. */
export interface SocketConnectionOptions extends OutboxOptions, ReadingOptions {
  readonly protocol: Server<SocketConnection>
  readonly identities: Identities
  readonly meter: UsageMeter
  readonly connections: Connections
  readonly heartbeat: Heartbeat
  /** Counts, for each network, the sockets of which it is not known yet whose they are. */
  readonly strangers: KeyedCounter<string>
  /** From the opening of a socket to `connection_init`, in milliseconds. */
  readonly connectionInitMs: number
  /** Told of what went wrong for no fault of the client. */
  readonly onUnexpectedError: (error: unknown) => void
}

/** How a socket came. */
export interface SocketOrigin {
  /** What it was made of. */
  readonly stream: Socket
  /** The header `Authorization` of the upgrade. */
  readonly authorization: string | undefined
  /** The header `Origin`. */
  readonly origin: string | undefined
  readonly network: string
}

/**
 * One WebSocket, for everything that has to do with it: a socket as graphql-ws wants it, a connection that
 * can be closed, a pulse for the heartbeat, a reader of messages. Nothing here throws or rejects.
 *
 * There may be many thousands of these, so that they have fields instead of closures, and hold nothing of the
 * request that they came with.
 */
export class SocketConnection implements GraphQLSocket, Connection, Pulse, Reader {
  readonly origin: string | undefined
  readonly outbox: Outbox
  #isHeard = true
  readonly #socket: GatewaySocket
  readonly #stream: Socket
  readonly #options: SocketConnectionOptions
  readonly #reading: Reading
  readonly #closing = new AbortController()
  #onClosed: ReturnType<SocketConnectionOptions['protocol']['opened']> | undefined
  readonly #fail = (error: unknown): void => this.#failed(error)
  /** Of the upgrade, until `connection_init`. */
  #authorization: string | undefined
  /** As long as it is not known whose it is. */
  #network: string | undefined
  #cancelInitTimer: CancelTimer | undefined
  #session: Session | undefined
  #asked: SubscribePayload | undefined
  #onMessage: ((text: string) => Promise<void>) | undefined

  constructor(
    socket: GatewaySocket,
    { stream, authorization, origin, network }: SocketOrigin,
    options: SocketConnectionOptions,
  ) {
    this.origin = origin
    this.outbox = new Outbox(socket, stream, options)
    this.#socket = socket
    this.#stream = stream
    this.#options = options
    this.#reading = new Reading(socket, this, options)
    this.#authorization = authorization
    this.#network = network
  }

  /** Who is not read from can't be heard, and is judged by what they read. */
  get isHeard(): boolean {
    return this.#isHeard || this.#reading.isHeld
  }

  set isHeard(isHeard: boolean) {
    this.#isHeard = isHeard
  }

  get transport(): 'websocket' {
    return 'websocket'
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  /** Whose it is, from `connection_init` on. */
  get session(): Session | undefined {
    return this.#session
  }

  /** To be called once: from here on it is counted, kept alive and read, until it has closed. */
  open(): void {
    const { clock, protocol, heartbeat, connections, strangers, connectionInitMs } = this.#options
    const socket = this.#socket
    if (this.#network !== undefined) strangers.add(this.#network)
    this.#cancelInitTimer = limitTimer(clock, connectionInitMs, () =>
      this.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    )
    this.#onClosed = protocol.opened(this, this)
    heartbeat.add(this)
    connections.addStranger(this)
    // A broken connection or a message against the protocol: ws closes the socket, and that is all.
    socket.on('error', ignore)
    socket.on('message', (data: Buffer) => {
      this.isHeard = true
      this.#reading.take(data)
    })
    socket.on('pong', () => (this.isHeard = true))
    socket.on('close', (code, reason) => this.#closed(code, reason.toString()))
  }

  /** Makes it that of whom `connection_init` says. @returns the payload of `connection_ack`, or whether there is none */
  async welcome(connectionParams: ConnectionParams): Promise<Record<string, unknown> | boolean> {
    this.#stopInitTimer()
    const session = await this.#openSession({ authorization: this.#authorization, connectionParams })
    this.#authorization = undefined
    if (!session) return false
    this.#recognized()
    this.#session = session
    // Not 4401, with which clients would give up: connecting again, they may do better.
    session.identity.whenOver((reason) => this.close(CloseCode.Forbidden, reason.message))
    return expiryOf(session.identity) ?? true
  }

  /**
   * Does not wait until it is sent, so that what ends leaves in one write with its last result. Answers can't pile
   * up, because nothing more is read meanwhile.
   */
  send(text: string): Promise<void> {
    this.outbox.holdBack()
    // A failure to send is followed by the socket's closing, which ends everything on it.
    this.#socket.send(text, ignore)
    return sent
  }

  onMessage(handle: (text: string) => Promise<void>): void {
    this.#onMessage = handle
  }

  handle(text: string): void {
    let message: Message
    try {
      message = parseMessage(text, withQuery)
    } catch {
      return this.close(CloseCode.BadRequest, 'Invalid message received')
    }
    let rest = text
    if (message.type === MessageType.Subscribe) {
      // graphql-ws holds on to a message for as long as its subscription.
      this.#asked = message.payload
      rest = stringifyMessage({ ...message, payload: nothingAsked })
    }
    this.#onMessage?.(rest).catch(this.#fail)
  }

  /** What the `subscribe` asks for that graphql-ws is being given. */
  takeAsked(): SubscribePayload {
    const asked = this.#asked
    this.#asked = undefined
    return asked ?? nothingAsked
  }

  whenDrained(act: () => void): void {
    this.outbox.whenDrained(act)
  }

  /** With this, graphql-ws leaves the answer to us. */
  async onPing(ping: PingPayload): Promise<void> {
    const payload = await renewByPing(ping, this.#session?.identity)
    await this.send(JSON.stringify(payload ? { type: 'pong', payload } : { type: 'pong' }))
  }

  close(code?: number, reason = ''): void {
    this.outbox.holdBack()
    this.#socket.close(code, shortened(reason))
  }

  drain(): void {
    this.close(SERVICE_RESTART, 'Service restart')
  }

  ping(): void {
    this.#socket.ping()
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** Opens the session of whoever the credentials are of. @returns none where that is refused */
  async #openSession(credentials: Credentials): Promise<Session | undefined> {
    const { identities, meter, connections } = this.#options
    const { signal } = this.#closing
    let identity: Identity | undefined
    try {
      const proof = await identities.prove(credentials)
      if (signal.aborted) return undefined
      connections.admit(this)
      identity = identities.open(proof)
      const usage = meter(identity.principal)
      usage.connect()
      return { identity, usage, signal }
    } catch (error) {
      identity?.end()
      this.#refuse(error)
      return undefined
    }
  }

  #refuse(error: unknown): void {
    const code = closeCodeFor(error)
    if (code === undefined) return this.#broken(error)
    this.close(code, error instanceof Error ? error.message : '')
  }

  #broken(error: unknown): void {
    this.#options.onUnexpectedError(error)
    this.close(INTERNAL_ERROR, 'Internal error')
  }

  #recognized(): void {
    if (this.#network !== undefined) this.#options.strangers.remove(this.#network)
    this.#network = undefined
  }

  #stopInitTimer(): void {
    this.#cancelInitTimer?.()
    this.#cancelInitTimer = undefined
  }

  #failed(error: unknown): void {
    if (isUnexpectedType(error)) this.close(CloseCode.BadRequest, 'Invalid message received')
    else this.#broken(error)
  }

  #closed(code: number, reason: string): void {
    const { heartbeat, connections } = this.#options
    this.#stopInitTimer()
    this.#recognized()
    this.#closing.abort()
    this.#reading.close()
    this.outbox.forget()
    this.#session?.usage.close()
    this.#session?.identity.end()
    heartbeat.remove(this)
    const { bytesWritten: bytesSent, bytesRead: bytesReceived } = this.#stream
    connections.remove(this, { ...this.#socket.endOf(code), bytesSent, bytesReceived })
    void this.#onClosed?.(code, reason)
  }
}

const sent = Promise.resolve()
const nothingAsked: SubscribePayload = { query: '' }

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

function ignore(): void {}

/** A close frame has room for 123 bytes, and ws throws for more; an id in it may be long. */
function shortened(reason: string): string {
  return Buffer.byteLength(reason) <= 123 ? reason : `${reason.slice(0, 40)}…`
}

/** A message of the protocol that only servers send: graphql-ws throws where it closes for other rubbish. */
function isUnexpectedType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type')
}
