import type { ExecutionResult } from 'graphql'
import { Subscription } from 'rxjs'
import type { SourceStream } from '../subscriptions/source-stream.ts'
import type { Recipient } from './recipient.ts'
import { ResponseStream, type Membership } from './response-stream.ts'
import type { SharedResult } from './shared-result.ts'

type MaybePromise<T> = T | Promise<T>

/** What a group has of one of the things that its events are about. */
interface Topic {
  readonly key: unknown
  /** The newest event. */
  event: unknown
  /** The result for it, once somebody wanted it. */
  result: MaybePromise<SharedResult> | undefined
  /** Whether it waits to be told to everybody. */
  isDue: boolean
}

export interface ResponseGroupOptions {
  readonly source: SourceStream
  /** Executes the subscription for an event. Never throws or rejects. */
  readonly respond: (event: unknown) => MaybePromise<SharedResult>
  /** Makes the last result of the error that ended the source. */
  readonly fail: (error: unknown) => ExecutionResult
  /** Nobody can join any more: the source has ended, or the last one has left. Called once. */
  readonly onClosed: () => void
}

/**
 * All who subscribed to the same. For each event the subscription is executed once and the result
 * serialised once, however many get it; who joins later begins with the newest result of each topic.
 *
 * One thing is done after the other, also where a resolver takes its time: nobody gets an older result
 * after a newer one.
 */
export class ResponseGroup implements Membership {
  readonly #options: ResponseGroupOptions
  readonly #members = new Set<ResponseStream>()
  readonly #topics = new Map<unknown, Topic>()
  readonly #tasks: (() => MaybePromise<void>)[] = []
  readonly #subscription = new Subscription()
  /** Those of {@link #members}, and those about to be. */
  #size = 0
  #isStarted = false
  #isBusy = false
  #isClosed = false

  constructor(options: ResponseGroupOptions) {
    this.#options = options
  }

  join(recipient: Recipient): ResponseStream {
    const member = new ResponseStream(recipient, this)
    this.#size += 1
    this.#inTurn(() => this.#welcome(member))
    this.#start()
    return member
  }

  leave(member: ResponseStream): void {
    this.#members.delete(member)
    this.#size -= 1
    if (this.#size > 0) return
    this.#close()
    this.#subscription.unsubscribe()
  }

  #start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    const { source, fail } = this.#options
    // Added, not assigned: the source may end while it is subscribed to.
    this.#subscription.add(
      source.events.subscribe({
        next: (event) => this.#arrive(event),
        error: (error: unknown) => this.#end(fail(error)),
        complete: () => this.#end(undefined),
      }),
    )
  }

  #arrive(event: unknown): void {
    const { source } = this.#options
    const key = source.topicOf(event)
    const known = this.#topics.get(key)
    const topic: Topic = known ?? { key, event, result: undefined, isDue: false }
    const isNews = !known || source.isNews(event, known.event)
    this.#topics.set(key, topic)
    topic.event = event
    topic.result = undefined
    if (!isNews || topic.isDue) return
    topic.isDue = true
    this.#inTurn(() => this.#tell(topic))
  }

  #tell(topic: Topic): MaybePromise<void> {
    topic.isDue = false
    return after(this.#resultOf(topic), (result) => {
      for (const { recipient } of this.#members) recipient.receive(result, topic.key)
    })
  }

  #welcome(member: ResponseStream): MaybePromise<void> {
    const topics = [...this.#topics.values()]
    return afterAll(
      topics.map((topic) => this.#resultOf(topic)),
      (results) => {
        if (member.hasReturned) return
        this.#members.add(member)
        for (const [index, result] of results.entries()) member.recipient.receive(result, topics[index]?.key)
      },
    )
  }

  #resultOf(topic: Topic): MaybePromise<SharedResult> {
    topic.result ??= this.#options.respond(topic.event)
    return topic.result
  }

  #end(result: ExecutionResult | undefined): void {
    this.#close()
    this.#inTurn(() => {
      for (const member of this.#members) member.end(result)
    })
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.onClosed()
  }

  #inTurn(task: () => MaybePromise<void>): void {
    this.#tasks.push(task)
    if (!this.#isBusy) this.#work()
  }

  #work(): void {
    this.#isBusy = true
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      const unfinished = task()
      if (unfinished) return void unfinished.then(() => this.#work())
    }
    this.#isBusy = false
  }
}

/** At once, unless there is something to wait for. */
function after<T>(value: MaybePromise<T>, act: (value: T) => void): MaybePromise<void> {
  return value instanceof Promise ? value.then(act) : act(value)
}

function afterAll<T>(
  values: readonly MaybePromise<T>[],
  act: (values: readonly T[]) => void,
): MaybePromise<void> {
  const isReady = (all: readonly MaybePromise<T>[]): all is readonly T[] =>
    !all.some((value) => value instanceof Promise)
  return isReady(values) ? act(values) : Promise.all(values).then(act)
}
