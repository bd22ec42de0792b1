import { toAsyncIterable } from '@teams-operations/core'
import type { ExecutionResult } from 'graphql'
import { Subject } from 'rxjs'
import type { ResultStream } from './present-results.ts'
import type { Recipient } from './recipient.ts'

interface Arrival {
  readonly result: ExecutionResult
  readonly topic: unknown
}

/**
 * The results of a subscription for who takes one after the other. Of those that are not taken yet, the
 * newest of each topic waits.
 */
export function pullResults(subscribe: (recipient: Recipient) => ResultStream): ResultStream {
  const arrivals = new Subject<Arrival>()
  const waiting = toAsyncIterable(arrivals, { keyOf: ({ topic }) => topic })[Symbol.asyncIterator]()
  const end = subscribe({
    receive: (result, topic) => arrivals.next({ result, topic }),
    // At once: the end waits as well.
    whenSent: (act) => act(),
    discard: () => void waiting.return(),
  })

  async function closeAtEnd(): Promise<void> {
    const { done, value } = await end.next()
    if (!done) arrivals.next({ result: value, topic: END })
    arrivals.complete()
  }
  void closeAtEnd()

  const results: ResultStream = {
    async next() {
      const { done, value } = await waiting.next()
      return done ? { done, value } : { done: false, value: value.result }
    },
    return: () => end.return(),
    [Symbol.asyncIterator]: () => results,
  }
  return results
}

/** A topic of its own: what was before is worth having as well. */
const END = Symbol('end')
