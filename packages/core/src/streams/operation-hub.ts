import { Observable, type Subscriber } from 'rxjs'
import type { OperationEvent } from '../operation/operation-event.ts'
import type { OperationRef } from '../operation/operation-ref.ts'
import type { OperationState } from '../operation/operation-state.ts'
import type { CheckReport } from '../polling/check-report.ts'
import { ClientDisposedError } from '../polling/client-disposed-error.ts'
import { Channel, type ChannelOwner } from './channel.ts'
import { EventListener, StateListener, type Listener } from './listener.ts'

/** What the hub asks of polling. */
export interface Following {
  /** Checks the operation from now on. Resolves to what is known of it. */
  follow(ref: OperationRef): Promise<{ readonly state: OperationState | undefined }>
  unfollow(location: string): Promise<void>
}

/**
 * Where everybody who wants to know of an operation meets: one channel for each operation that has
 * listeners, however many they are. It starts no timer and asks nothing but to follow and unfollow.
 *
 * Not a `Subject`: completing 100,000 observers of one takes RxJS 7 seconds.
 */
export class OperationHub implements ChannelOwner {
  readonly #following: Following
  readonly #channels = new Map<string, Channel>()
  readonly #overviews = new Set<Subscriber<readonly OperationState[]>>()
  #overviewIsStale = false
  #disposed = false

  constructor(following: Following) {
    this.#following = following
  }

  /** How many operations have listeners. */
  get size(): number {
    return this.#channels.size
  }

  watch(ref: OperationRef, { everyCheck }: { readonly everyCheck: boolean }): Observable<OperationState> {
    return new Observable((subscriber) =>
      this.#join(ref, subscriber, (channel) => new StateListener(channel, subscriber, everyCheck)),
    )
  }

  events(ref: OperationRef): Observable<OperationEvent> {
    return new Observable((subscriber) =>
      this.#join(ref, subscriber, (channel) => new EventListener(channel, subscriber)),
    )
  }

  /**
   * The known states of all operations that have listeners: at once, and whenever one changes or the set
   * does. What happens together comes as one value.
   */
  followed(): Observable<readonly OperationState[]> {
    return new Observable((subscriber) => {
      if (this.#disposed) return subscriber.error(new ClientDisposedError())
      this.#overviews.add(subscriber)
      subscriber.next(this.#overview())
      return () => this.#overviews.delete(subscriber)
    })
  }

  report(reports: readonly CheckReport[]): void {
    for (const report of reports) {
      this.#channels.get(report.ref.location)?.report(report)
    }
    this.#announce()
  }

  /** Every stream completes. */
  dispose(): void {
    this.#disposed = true
    for (const channel of [...this.#channels.values()]) channel.complete()
    for (const subscriber of this.#overviews) subscriber.complete()
  }

  /** @internal */
  deserted(channel: Channel): void {
    this.#close(channel)
    // A store that failed here has nobody to be told; should it still be due, its check finds no channel.
    this.#following.unfollow(channel.ref.location).catch(() => {})
  }

  /** @internal */
  ended(channel: Channel): void {
    this.#close(channel)
  }

  #join(
    ref: OperationRef,
    subscriber: Subscriber<unknown>,
    listen: (channel: Channel) => Listener,
  ): Listener | undefined {
    if (this.#disposed) {
      subscriber.error(new ClientDisposedError())
      return undefined
    }
    const channel = this.#channels.get(ref.location) ?? this.#open(ref)
    const listener = listen(channel)
    channel.join(listener)
    return listener
  }

  #open(ref: OperationRef): Channel {
    const channel = new Channel(ref, this)
    this.#channels.set(ref.location, channel)
    this.#following.follow(ref).then(
      ({ state }) => {
        // A check may have been quicker, or the listeners gone.
        if (state && !channel.state && this.#isOpen(channel)) channel.recall(state)
        this.#announce()
      },
      (error: unknown) => {
        if (this.#isOpen(channel)) channel.fail(error)
      },
    )
    return channel
  }

  #isOpen(channel: Channel): boolean {
    return this.#channels.get(channel.ref.location) === channel
  }

  #close(channel: Channel): void {
    if (this.#isOpen(channel)) this.#channels.delete(channel.ref.location)
    this.#announce()
  }

  #overview(): readonly OperationState[] {
    return Array.from(this.#channels.values(), ({ state }) => state).filter((state) => state !== undefined)
  }

  #announce(): void {
    if (this.#overviews.size === 0 || this.#overviewIsStale) return
    this.#overviewIsStale = true
    queueMicrotask(() => {
      this.#overviewIsStale = false
      const overview = this.#overview()
      for (const subscriber of this.#overviews) subscriber.next(overview)
    })
  }
}
