import type { ExecutionResult } from 'graphql'
import type { ResultStream } from './present-results.ts'
import type { Recipient } from './recipient.ts'

/** Told what became of the results of subscriptions. */
export interface DeliveryRecord {
  /** One was sent. */
  delivered(): void
  /** One will not be, because a newer one took its place. */
  conflated(): void
}

type Next = IteratorResult<ExecutionResult, undefined>

/**
 * The results of a subscription for who takes one after the other. Of those that are not taken yet, the
 * newest of each topic waits.
 */
export class ResultQueue implements Recipient, ResultStream {
  readonly #record: DeliveryRecord
  readonly #waiting = new Map<unknown, ExecutionResult>()
  /** Whoever waits for the next one: nothing else waits then. */
  #answer: ((next: Next) => void) | undefined
  #end: ResultStream | undefined
  #isClosed = false

  constructor(record: DeliveryRecord) {
    this.#record = record
  }

  /** @param end the subscription whose recipient this is */
  until(end: ResultStream): this {
    this.#end = end
    void this.#closeAfter(end)
    return this
  }

  receive(result: ExecutionResult, topic: unknown): void {
    if (this.#isClosed) return
    if (this.#answer) return this.#hand(this.#answer, result)
    if (this.#waiting.has(topic)) this.#record.conflated()
    this.#waiting.set(topic, result)
  }

  /** At once: the end waits as well. */
  whenSent(act: () => void): void {
    act()
  }

  discard(): void {
    this.#waiting.clear()
  }

  next(): Promise<Next> {
    return new Promise((resolve) => {
      const [oldest] = this.#waiting
      if (oldest) {
        const [topic, result] = oldest
        this.#waiting.delete(topic)
        this.#hand(resolve, result)
      } else if (this.#isClosed) {
        resolve(done)
      } else {
        this.#answer = resolve
      }
    })
  }

  async return(): Promise<Next> {
    this.discard()
    this.#close()
    await this.#end?.return()
    return done
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #hand(answer: (next: Next) => void, result: ExecutionResult): void {
    this.#answer = undefined
    this.#record.delivered()
    answer({ done: false, value: result })
  }

  #close(): void {
    this.#isClosed = true
    this.#answer?.(done)
    this.#answer = undefined
  }

  async #closeAfter(end: ResultStream): Promise<void> {
    const { done: isDone, value } = await end.next()
    if (!isDone) this.receive(value, END)
    this.#close()
  }
}

const done = { done: true, value: undefined } as const
/** A topic of its own: what was before is worth having as well. */
const END = Symbol('end')
