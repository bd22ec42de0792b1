import type { ExecutionResult } from 'graphql'
import type { ResultStream } from './present-results.ts'

/** Calls `onEnd` once, when the results of a subscription have ended or nobody wants more of them. */
export function whenEnded(results: ResultStream, onEnd: () => void): ResultStream {
  return new WatchedResults(results, onEnd)
}

/** A class because there is one for each subscription. */
class WatchedResults implements ResultStream {
  readonly #results: ResultStream
  #onEnd: (() => void) | undefined

  constructor(results: ResultStream, onEnd: () => void) {
    this.#results = results
    this.#onEnd = onEnd
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return this.#results.next().then((result) => {
      // One without `data` is the last, and whoever knows that does not ask for more.
      if (result.done || result.value.data === undefined) this.#end()
      return result
    })
  }

  return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#end()
    return this.#results.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #end(): void {
    const onEnd = this.#onEnd
    this.#onEnd = undefined
    onEnd?.()
  }
}
