import type { ExecutionResult } from 'graphql'
import type { PresentError } from '../errors/present-error.ts'

/** The results of a subscription. Never rejects, and `return()` takes effect at once. */
export interface ResultStream extends AsyncIterableIterator<ExecutionResult, undefined> {
  return(value?: undefined): Promise<IteratorResult<ExecutionResult, undefined>>
}

/** One result as a stream. */
export async function* singleResult(result: ExecutionResult): AsyncGenerator<ExecutionResult, undefined> {
  yield result
}

/** The result with its errors presented. */
export function presentResult(result: ExecutionResult, present: PresentError): ExecutionResult {
  const { errors, data } = result
  if (!errors) return result
  const presented = errors.map((error) => present(error))
  // Without `data`, where the operation was refused: an `undefined` one would not be the same.
  return data === undefined ? { errors: presented } : { errors: presented, data }
}

/**
 * The results of a subscription with their errors presented. When its source fails, the error is the last
 * result: one without `data`.
 *
 * A plain object because an async generator would keep `return()` waiting for a pending `next()`.
 */
export function presentResults(
  results: AsyncIterator<ExecutionResult, unknown>,
  present: PresentError,
): ResultStream {
  let ended = false
  return {
    async next() {
      if (ended) return done
      try {
        const result = await results.next()
        if (!result.done) return { done: false, value: presentResult(result.value, present) }
        ended = true
        return done
      } catch (error) {
        ended = true
        return { done: false, value: { errors: [present(error)] } }
      }
    },
    async return() {
      ended = true
      await results.return?.()
      return done
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const done = { done: true, value: undefined } as const
