import type { ExecutionResult, GraphQLError } from 'graphql'
import type { ResultStream } from '../execution/present-results.ts'

/** Why a subscription ended early, on its way through graphql-ws to its message `error`. */
class SubscriptionFailure extends Error {
  readonly errors: readonly GraphQLError[]

  constructor(errors: readonly GraphQLError[]) {
    super('The subscription failed')
    this.errors = errors
  }
}

/**
 * The results of a subscription as graphql-ws iterates them: the one without `data` that ends a failed one is
 * thrown, which graphql-ws makes an `error`.
 */
export class SocketResults implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #results: ResultStream

  constructor(results: ResultStream) {
    this.#results = results
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return this.#results.next().then(throwFailure)
  }

  return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return this.#results.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** The errors of a subscription that failed, in the error that graphql-ws made of it. */
export function failureOf(error: GraphQLError | undefined): readonly GraphQLError[] | undefined {
  const cause = error?.originalError
  return cause instanceof SubscriptionFailure ? cause.errors : undefined
}

function throwFailure(
  result: IteratorResult<ExecutionResult, undefined>,
): IteratorResult<ExecutionResult, undefined> {
  if (result.done || result.value.data !== undefined) return result
  throw new SubscriptionFailure(result.value.errors ?? [])
}
