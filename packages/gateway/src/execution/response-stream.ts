import type { ExecutionResult } from 'graphql'
import type { ResultStream } from './present-results.ts'
import type { Recipient } from './recipient.ts'

/**
 * One subscription, as who made it sees it. Its results go to the recipient; the stream itself has only the
 * end: a result without `data` that says why, or none when all is done. By then the recipient has sent all.
 */
export class ResponseStream implements ResultStream {
  readonly recipient: Recipient
  readonly #onReturn: (stream: ResponseStream) => void
  #ending: { readonly result: ExecutionResult | undefined } | undefined
  #hasReturned = false
  #wake: (() => void) | undefined

  constructor(recipient: Recipient, onReturn: (stream: ResponseStream) => void) {
    this.recipient = recipient
    this.#onReturn = onReturn
  }

  get hasReturned(): boolean {
    return this.#hasReturned
  }

  /** There is nothing more to come but this. */
  end(result: ExecutionResult | undefined): void {
    this.recipient.whenSent(() => {
      this.#ending = { result }
      this.#wake?.()
    })
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (!this.#ending) await new Promise<void>((resolve) => (this.#wake = resolve))
    const result = this.#ending?.result
    this.#ending = { result: undefined }
    return result ? { done: false, value: result } : { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (!this.#hasReturned) {
      this.#hasReturned = true
      this.recipient.discard()
      this.#onReturn(this)
      this.#ending = { result: undefined }
      this.#wake?.()
    }
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
