import type { GatewayCounts } from './gateway-counts.ts'
import type { CloseReason, ConnectionTransport, OperationType } from './gateway-stats.ts'

/**
 * What is counted of one connection. The gateway's own numbers grow with it.
 *
 * A class because there is one for each connection, and closures would weigh more than what they count.
 */
export class ConnectionRecord {
  readonly #counts: GatewayCounts
  #subscriptions = 0
  #conflations = 0

  constructor(counts: GatewayCounts) {
    this.#counts = counts
  }

  /** Subscriptions over it, those that have ended included. */
  get subscriptions(): number {
    return this.#subscriptions
  }

  get conflations(): number {
    return this.#conflations
  }

  operation(type: OperationType): void {
    this.#counts.operation(type)
  }

  subscribed(): void {
    this.#subscriptions += 1
    this.#counts.subscribed()
  }

  /** Once for each that was counted. */
  unsubscribed(count = 1): void {
    this.#counts.unsubscribed(count)
  }

  /** A result of one of its subscriptions was sent. */
  delivered(): void {
    this.#counts.delivered()
  }

  /** A state will not be sent, because a newer one was there before it could be. */
  conflated(): void {
    this.#conflations += 1
    this.#counts.conflated()
  }
}

/** A connection that has ended, for a line in a log. Nothing in it is a token or a payload. */
export interface ClosedConnection {
  /** Counts the connections of the gateway. */
  readonly id: number
  readonly transport: ConnectionTransport
  /** Whose it was; `undefined` when that was never known. */
  readonly principalId: string | undefined
  /** The site whose page opened it; `undefined` for a program. */
  readonly origin: string | undefined
  readonly reason: CloseReason
  /** The close code of a WebSocket: the gateway's, or else the client's. */
  readonly code: number | undefined
  readonly durationMs: number
  /** With the headers; `undefined` where they were not counted. */
  readonly bytesSent: number | undefined
  readonly bytesReceived: number | undefined
  readonly subscriptions: number
  /** States that were skipped because its client read too slowly. */
  readonly conflations: number
}
