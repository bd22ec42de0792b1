import type { ErrorCode } from '../errors/error-code.ts'

/** Numbers for metrics. What is not said to be of now is a counter, which only grows. */
export interface GatewayStats {
  /** WebSockets and responses that stay open, as many as there are now. */
  readonly connections: Readonly<Record<ConnectionTransport, number>>
  readonly connectionsOpened: Readonly<Record<ConnectionTransport, number>>
  readonly connectionsClosed: Readonly<Record<CloseReason, number>>
  /** Subscriptions that are served now. */
  readonly subscriptions: number
  /** GraphQL operations that were taken on. */
  readonly operations: Readonly<Record<OperationType, number>>
  /** Connections and requests that were turned away before anything of GraphQL was read. */
  readonly refusals: Readonly<Record<RefusalReason, number>>
  /** Errors that clients were told, by `extensions.code`. One that many are told counts once. */
  readonly errors: Readonly<Record<ErrorCode, number>>
  /** Events that subscriptions were executed for: for all who share one, once. */
  readonly executions: number
  /** Results of subscriptions that were sent, to each subscriber. */
  readonly deliveries: number
  /** States that newer ones took the place of, for a client that was too slow to get them all. */
  readonly conflations: number
}

export const connectionTransports = ['websocket', 'sse', 'multipart'] as const

export type ConnectionTransport = (typeof connectionTransports)[number]

export type OperationType = 'query' | 'mutation' | 'subscription'

/**
 * Why a connection has ended:
 *
 * - `done`: an event stream whose subscription is complete.
 * - `left`: the client closed it.
 * - `lost`: it broke, or nothing answered its pings.
 * - `drained`: the gateway stops (1012).
 * - `overload`: there are too many of them (1013).
 * - `expired`: it is no longer known whose it is, or what it may see (4403).
 * - `unauthenticated`: it never was (4401).
 * - `slow`: its client was too slow to keep (4508).
 * - `misused`: something came that the protocol does not know, or that is too large.
 * - `failed`: a fault of the gateway (1011).
 */
export const closeReasons = [
  'done',
  'left',
  'lost',
  'drained',
  'overload',
  'expired',
  'unauthenticated',
  'slow',
  'misused',
  'failed',
] as const

export type CloseReason = (typeof closeReasons)[number]

/**
 * Why somebody was turned away at the door:
 *
 * - `host`, `origin`, `other-site`: the request comes from a page or under a name that is not allowed.
 * - `token-in-url`: it has a token in its URL, which ends up in logs.
 * - `path`, `subprotocol`, `media-type`: it is not for the gateway, or nothing that it speaks.
 * - `unauthenticated`: nobody is known to have sent it, or somebody who may not.
 * - `too-many`: there are as many connections as there may be.
 * - `stopping`: the gateway stops.
 */
export const refusalReasons = [
  'host',
  'origin',
  'other-site',
  'token-in-url',
  'path',
  'subprotocol',
  'media-type',
  'unauthenticated',
  'too-many',
  'stopping',
] as const

export type RefusalReason = (typeof refusalReasons)[number]
