import type { ExecutionResult } from 'graphql'
import type { ResultStream } from './present-results.ts'
import type { Recipient } from './recipient.ts'

/** What a subscription belongs to. */
export interface Membership {
  /** Called once, when nobody wants any more of it. */
  leave(stream: ResponseStream): void
}

/**
 * One subscription, as who made it sees it. Its results go to the recipient; the stream itself has only the
 * end: a result without `data` that says why, or none when all is done. By then the recipient has sent all.
 */
export class ResponseStream implements ResultStream {
  readonly recipient: Recipient
  readonly #membership: Membership
  #ending: { readonly result: ExecutionResult | undefined } | undefined
  #hasReturned = false
  /** Answers whoever waits for the end. */
  #answer: ((result: IteratorResult<ExecutionResult, undefined>) => void) | undefined

  constructor(recipient: Recipient, membership: Membership) {
    this.recipient = recipient
    this.#membership = membership
  }

  get hasReturned(): boolean {
    return this.#hasReturned
  }

  /** There is nothing more to come but this. */
  end(result: ExecutionResult | undefined): void {
    this.recipient.whenSent(() => this.#end(result))
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (this.#ending) return Promise.resolve(this.#takeEnding())
    return new Promise((resolve) => (this.#answer = resolve))
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (!this.#hasReturned) {
      this.#hasReturned = true
      this.recipient.discard()
      this.#membership.leave(this)
      this.#end(undefined)
    }
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #end(result: ExecutionResult | undefined): void {
    this.#ending = { result }
    const answer = this.#answer
    this.#answer = undefined
    if (answer) answer(this.#takeEnding())
  }

  #takeEnding(): IteratorResult<ExecutionResult, undefined> {
    const result = this.#ending?.result
    this.#ending = { result: undefined }
    return result ? { done: false, value: result } : { done: true, value: undefined }
  }
}
