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
