import { randomBytes } from 'node:crypto'
import type { Clock } from '@teams-operations/core'
import type { Identities } from '../access/identities.ts'
import type { Identity } from '../access/identity.ts'
import type { Session } from '../access/session.ts'
import type { UsageMeter } from '../access/usage.ts'
import { TooManyConnectionsError } from '../errors/too-many-connections-error.ts'
import type { LimitedExecutor } from '../execution/limit-executor.ts'
import type { CloseReason } from '../observability/gateway-stats.ts'
import type { Connection, Connections, Place } from './connections.ts'
import type { HttpAuthentication } from './http-authentication.ts'
import { httpError } from './http-status.ts'
import { OpenBody } from './open-body.ts'
import { ReservedStream } from './reserved-stream.ts'
import { respondWith } from './result-body.ts'
import { serverSentEvents } from './server-sent-events.ts'

export interface ReservationsOptions {
  readonly executor: LimitedExecutor
  readonly identities: Identities
  readonly authentication: HttpAuthentication
  readonly meter: UsageMeter
  readonly connections: Connections
  readonly clock: Clock
  readonly keepAliveMs: number
}

/** A stream that a client has reserved. It ends with its stream, or when nobody opens that in time. */
export interface Reservation {
  /** What all operations that come over it have in common. */
  readonly session: Session
  readonly stream: ReservedStream
  /**
   * Opens the stream, once.
   *
   * @throws GraphQLError when it was
   */
  open(request: Request): Response
}

export interface Reservations {
  /**
   * Makes a reservation for whoever sent the request. The body of the response is the token.
   *
   * @throws GraphQLError when there is no room for it
   */
  add(request: Request): Response
  /**
   * The one that the request has the token of, if it is of whoever sent the request.
   *
   * @throws GraphQLError when there is none
   */
  of(request: Request): Reservation
}

/** Names a reservation. The protocol allows it in URLs as well, which logs keep: not here. */
const TOKEN_HEADER = 'X-GraphQL-Event-Stream-Token'
/** How long a reservation waits for the request that opens its stream. */
const RESERVATION_MS = 10_000
/** Reservations of all clients that may wait for it at a time. */
const MAX_WAITING = 1_000

export function hasToken({ headers }: Request): boolean {
  return headers.has(TOKEN_HEADER)
}

export function createReservations(options: ReservationsOptions): Reservations {
  const { identities, authentication } = options
  const reservations = new Map<string, Reservation>()
  const waiting = new Set<Reservation>()

  return {
    add(request) {
      if (waiting.size >= MAX_WAITING) throw new TooManyConnectionsError(`${MAX_WAITING} reservations`)
      const token = randomBytes(32).toString('base64url')
      const identity = identities.open(authentication.proofOf(request))
      const origin = request.headers.get('origin') ?? undefined
      const reservation = createReservation(identity, origin, options, {
        onOpen: () => waiting.delete(reservation),
        onEnd: () => {
          waiting.delete(reservation)
          reservations.delete(token)
        },
      })
      waiting.add(reservation)
      reservations.set(token, reservation)
      return new Response(token, {
        status: 201,
        headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
      })
    },

    of(request) {
      const proof = authentication.proofOf(request)
      const reservation = reservations.get(request.headers.get(TOKEN_HEADER) ?? '')
      // With the token of somebody else, or one that grants less, there is none either: nobody learns of it.
      if (!reservation?.session.identity.isOf(proof)) {
        throw httpError(
          `Expected \`${TOKEN_HEADER}\` to name a reservation, got none. Reserve a stream first.`,
          {
            status: 404,
          },
        )
      }
      reservation.session.identity.prolong(proof)
      return reservation
    },
  }
}

/** @throws GraphQLError when there is no room for it */
function createReservation(
  identity: Identity,
  origin: string | undefined,
  { executor, meter, connections, clock, keepAliveMs }: ReservationsOptions,
  { onOpen, onEnd }: { readonly onOpen: () => void; readonly onEnd: () => void },
): Reservation {
  const leaving = new AbortController()
  const session: Session = { identity, usage: meter(identity.principal), signal: leaving.signal }
  const stream = new ReservedStream(executor)
  let place: Place
  let body: OpenBody | undefined

  try {
    session.usage.connect()
    place = connections.reserve()
  } catch (error) {
    session.usage.close()
    identity.end()
    throw error
  }
  const leave = (): void => end('left')
  const expire = (): void => end('expired')
  const drain = (): void => end('drained')
  const terminate = (): void => {
    body?.abort('drained')
    drain()
  }
  const connection: Connection = { transport: 'sse', origin, session, drain, terminate }
  place.take(connection)
  const cancelExpiry = clock.timer(RESERVATION_MS, leave)
  const cancelOver = identity.whenOver(expire)

  /** Nothing is left behind. Harmless when it has ended. */
  function end(reason: CloseReason): void {
    if (leaving.signal.aborted) return
    leaving.abort()
    cancelExpiry()
    onEnd()
    stream.return()
    body?.close(reason)
    connections.remove(connection, { reason, bytesSent: body?.sentBytes })
    session.usage.close()
    cancelOver()
    identity.end()
  }

  return {
    session,
    stream,
    open({ signal }) {
      if (body) throw httpError('The stream of this reservation is open already.', { status: 409 })
      cancelExpiry()
      onOpen()
      body = new OpenBody(stream, { ...serverSentEvents, clock, keepAliveMs, onEnd: end })
      const hangUp = (): void => body?.abort('left')
      signal.addEventListener('abort', hangUp, { once: true })
      if (signal.aborted) hangUp()
      return respondWith(body, serverSentEvents.contentType)
    },
  }
}
