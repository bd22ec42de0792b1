import { toAsyncIterable, type OperationRef } from '@teams-operations/core'
import { defer, filter, type Observable } from 'rxjs'

export interface SourceStreamOptions<Event> {
  readonly events: Observable<Event>
  /** The operations that it names. A subscriber who may not see one of them gets nothing. */
  readonly refs: readonly OperationRef[]
  /**
   * A name for what the events are of. Everybody who asks a field for what has the same name, with the same
   * document and access class, gets results that were made once for all of them. So nothing that is named
   * may depend on who asks, except by their access class.
   *
   * @default nobody shares them
   */
  readonly sharedAs?: string | undefined
  /**
   * Which of several things an event is about: a subscriber who is too slow to get every event gets the
   * newest of each.
   *
   * @default all are about the same
   */
  readonly topicOf?: ((event: Event) => unknown) | undefined
  /**
   * Whether subscribers want to know of an event, given the one before it about the same. One that they do
   * not want is still what somebody who comes later begins with.
   *
   * @default they want all
   */
  readonly isNews?: ((event: Event, before: Event) => boolean) | undefined
}

/** What the resolver `subscribe` of a root field gives: the source stream of GraphQL, and how to share it. */
export class SourceStream<Event = unknown> implements AsyncIterable<Event> {
  readonly events: Observable<Event>
  readonly refs: readonly OperationRef[]
  readonly sharedAs: string | undefined
  readonly #options: SourceStreamOptions<Event>

  constructor(options: SourceStreamOptions<Event>) {
    this.events = options.events
    this.refs = options.refs
    this.sharedAs = options.sharedAs
    this.#options = options
  }

  topicOf(event: Event): unknown {
    return this.#options.topicOf?.(event)
  }

  isNews(event: Event, before: Event): boolean {
    return this.#options.isNews?.(event, before) ?? true
  }

  /** The news, for one subscriber alone: what any other engine of GraphQL makes of a source stream. */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined> {
    const news = defer(() => {
      const newest = new Map<unknown, Event>()
      return this.events.pipe(
        filter((event) => {
          const topic = this.topicOf(event)
          const before = newest.get(topic)
          newest.set(topic, event)
          return before === undefined || this.isNews(event, before)
        }),
      )
    })
    return toAsyncIterable(news, { keyOf: (event) => this.topicOf(event) })[Symbol.asyncIterator]()
  }
}
