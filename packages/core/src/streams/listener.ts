import type { Subscriber, Unsubscribable } from 'rxjs'
import type { OperationEvent } from '../operation/operation-event.ts'
import type { OperationState } from '../operation/operation-state.ts'
import { isTerminal } from '../operation/teams-async-operation.ts'
import type { FailedReport, FoundReport } from '../polling/check-report.ts'
import type { Channel } from './channel.ts'

/**
 * One subscription to one operation, and its own teardown: a single object, because there may be 100,000.
 */
export abstract class Listener implements Unsubscribable {
  readonly channel: Channel

  constructor(channel: Channel) {
    this.channel = channel
  }

  /** What was known when it joined, or soon after. */
  abstract recall(state: OperationState): void
  abstract found(report: FoundReport): void
  abstract failed(report: FailedReport): void
  abstract error(error: unknown): void
  abstract complete(): void

  unsubscribe(): void {
    this.channel.leave(this)
  }
}

/** Wants states: those that bring something new, or one after every check. */
export class StateListener extends Listener {
  readonly #subscriber: Subscriber<OperationState>
  readonly #everyCheck: boolean

  constructor(channel: Channel, subscriber: Subscriber<OperationState>, everyCheck: boolean) {
    super(channel)
    this.#subscriber = subscriber
    this.#everyCheck = everyCheck
  }

  override recall(state: OperationState): void {
    this.#subscriber.next(state)
  }

  override found({ state, changed }: FoundReport): void {
    if (changed || this.#everyCheck) this.#subscriber.next(state)
  }

  override failed({ state }: FailedReport): void {
    if (state && this.#everyCheck) this.#subscriber.next(state)
  }

  override error(error: unknown): void {
    this.#subscriber.error(error)
  }

  override complete(): void {
    this.#subscriber.complete()
  }
}

/** Wants to know all that happens. */
export class EventListener extends Listener {
  readonly #subscriber: Subscriber<OperationEvent>

  constructor(channel: Channel, subscriber: Subscriber<OperationEvent>) {
    super(channel)
    this.#subscriber = subscriber
  }

  override recall(state: OperationState): void {
    this.#changed(state, { at: state.checkedAt, nextCheckAt: state.nextCheckAt })
    this.#settled(state, state.checkedAt)
  }

  override found({ state, changed, requestId, at, nextCheckAt }: FoundReport): void {
    if (changed) this.#changed(state, { at, nextCheckAt })
    this.#subscriber.next({ type: 'checked', at, nextCheckAt, state, changed, requestId })
    this.#settled(state, at)
  }

  override failed({ problem, retryAfterMs, at, nextCheckAt }: FailedReport): void {
    this.#subscriber.next(
      problem.code === 'throttled'
        ? { type: 'throttled', at, nextCheckAt, problem, retryAfterMs }
        : { type: 'check-failed', at, nextCheckAt, problem },
    )
  }

  override error(error: unknown): void {
    this.#subscriber.error(error)
  }

  override complete(): void {
    this.#subscriber.complete()
  }

  #changed(state: OperationState, times: { at: number; nextCheckAt: number | undefined }): void {
    this.#subscriber.next({ type: 'state', ...times, state })
  }

  #settled(state: OperationState, at: number): void {
    if (!isTerminal(state.operation.status)) return
    this.#subscriber.next({ type: 'settled', at, nextCheckAt: undefined, state })
  }
}
