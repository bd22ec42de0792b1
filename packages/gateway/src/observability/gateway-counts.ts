import { errorCodes, type ErrorCode } from '../errors/error-code.ts'
import {
  closeReasons,
  connectionTransports,
  refusalReasons,
  type CloseReason,
  type ConnectionTransport,
  type GatewayStats,
  type OperationType,
  type RefusalReason,
} from './gateway-stats.ts'

/** Counts what happens in a gateway, as it happens: cheap enough for every message. */
export class GatewayCounts {
  readonly #opened = zeros(connectionTransports)
  readonly #open = zeros(connectionTransports)
  readonly #closed = zeros(closeReasons)
  readonly #operations: Record<OperationType, number> = { query: 0, mutation: 0, subscription: 0 }
  readonly #refusals = zeros(refusalReasons)
  readonly #errors = zeros(errorCodes)
  #subscriptions = 0
  #executions = 0
  #deliveries = 0
  #conflations = 0

  opened(transport: ConnectionTransport): void {
    this.#opened[transport] += 1
    this.#open[transport] += 1
  }

  /** Once for each that was opened. */
  closed(transport: ConnectionTransport, reason: CloseReason): void {
    this.#open[transport] -= 1
    this.#closed[reason] += 1
  }

  operation(type: OperationType): void {
    this.#operations[type] += 1
  }

  subscribed(): void {
    this.#subscriptions += 1
  }

  /** Once for each that was counted. */
  unsubscribed(count = 1): void {
    this.#subscriptions -= count
  }

  refused(reason: RefusalReason): void {
    this.#refusals[reason] += 1
  }

  error(code: ErrorCode): void {
    this.#errors[code] += 1
  }

  /** An event was made a result of, for however many subscribers. */
  executed(): void {
    this.#executions += 1
  }

  /** Results were sent: one to each of so many. */
  delivered(count = 1): void {
    this.#deliveries += count
  }

  /** So many states will not be sent, because newer ones were there before they could be. */
  conflated(count = 1): void {
    this.#conflations += count
  }

  read(): GatewayStats {
    return {
      connections: { ...this.#open },
      connectionsOpened: { ...this.#opened },
      connectionsClosed: { ...this.#closed },
      subscriptions: this.#subscriptions,
      operations: { ...this.#operations },
      refusals: { ...this.#refusals },
      errors: { ...this.#errors },
      executions: this.#executions,
      deliveries: this.#deliveries,
      conflations: this.#conflations,
    }
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}
