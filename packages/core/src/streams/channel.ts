import type { OperationRef } from '../operation/operation-ref.ts'
import type { OperationState } from '../operation/operation-state.ts'
import { isTerminal } from '../operation/teams-async-operation.ts'
import type { CheckReport } from '../polling/check-report.ts'
import type { Listener } from './listener.ts'

/** In place of the listeners of a channel that has none any more, and will have none. */
const ended = 'ended'

export interface ChannelOwner {
  /** The last listener has left. */
  deserted(channel: Channel): void
  /** There will be no more deliveries. */
  ended(channel: Channel): void
}

/**
 * An operation that somebody listens to: the newest state, and who wants it.
 *
 * Listeners may come and go, and even throw, while it delivers. One that joins then has been given the
 * newest state already, and is passed over until the next delivery.
 */
export class Channel {
  readonly ref: OperationRef
  state: OperationState | undefined = undefined
  /** One by itself where it is the only one, as for most operations: a `Set` is as large as all the rest. */
  #listeners: Listener | Set<Listener> | undefined | typeof ended = undefined
  /** Those that joined during the delivery that is under way; `undefined` outside one. */
  #newcomers: Set<Listener> | undefined = undefined
  readonly #owner: ChannelOwner

  constructor(ref: OperationRef, owner: ChannelOwner) {
    this.ref = ref
    this.#owner = owner
  }

  join(listener: Listener): void {
    if (this.#listeners !== ended) this.#add(listener)
    this.#newcomers?.add(listener)
    if (this.state) listener.recall(this.state)
  }

  leave(listener: Listener): void {
    if (this.#remove(listener) && this.#listeners === undefined) this.#owner.deserted(this)
  }

  /** Passes on what was known already before anybody listened. */
  recall(state: OperationState): void {
    this.state = state
    this.#deliver((listener) => listener.recall(state))
    this.#endIfSettled()
  }

  /** Passes on what a check gave. */
  report(report: CheckReport): void {
    switch (report.kind) {
      case 'found':
        this.state = report.state
        this.#deliver((listener) => listener.found(report))
        this.#endIfSettled()
        break
      case 'failed':
        this.state = report.state ?? this.state
        this.#deliver((listener) => listener.failed(report))
        break
      case 'given-up':
        this.fail(report.error)
        break
    }
  }

  fail(error: unknown): void {
    this.#end((listener) => listener.error(error))
  }

  complete(): void {
    this.#end((listener) => listener.complete())
  }

  #endIfSettled(): void {
    if (this.state && isTerminal(this.state.operation.status)) this.complete()
  }

  #deliver(act: (listener: Listener) => void): void {
    const newcomers = (this.#newcomers = new Set<Listener>())
    for (const listener of each(this.#listeners)) {
      if (!newcomers.has(listener)) act(listener)
    }
    this.#newcomers = undefined
  }

  /**
   * The listeners are let go first, so that their leaving one by one costs nothing and deserts nobody; the
   * owner knows first, so that who subscribes again on completion is not given a channel that has ended.
   */
  #end(act: (listener: Listener) => void): void {
    const listeners = this.#listeners
    this.#listeners = ended
    this.#owner.ended(this)
    for (const listener of each(listeners)) act(listener)
  }

  #add(listener: Listener): void {
    if (this.#listeners === undefined || this.#listeners === ended) this.#listeners = listener
    else if (this.#listeners instanceof Set) this.#listeners.add(listener)
    else this.#listeners = new Set([this.#listeners, listener])
  }

  #remove(listener: Listener): boolean {
    if (this.#listeners === listener) {
      this.#listeners = undefined
      return true
    }
    if (!(this.#listeners instanceof Set) || !this.#listeners.delete(listener)) return false
    if (this.#listeners.size === 0) this.#listeners = undefined
    return true
  }
}

/** Also those that join while it goes through them: who delivers passes them over. */
function each(listeners: Listener | Set<Listener> | undefined | typeof ended): Iterable<Listener> {
  if (listeners === undefined || listeners === ended) return []
  return listeners instanceof Set ? listeners : [listeners]
}
