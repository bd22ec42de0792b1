import type { OperationRef } from '@teams-operations/core'
import type { ExecutionResult } from 'graphql'
import type { PresentError } from '../errors/present-error.ts'
import type { Access } from '../resolvers/operation-access.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import type { Executor } from './executor.ts'
import { namedOperations } from './named-operations.ts'
import { singleResult, type ResultStream } from './present-results.ts'
import { rootFields } from './root-fields.ts'

/**
 * The executor for those who may not see everything. Each subscriber is asked for by itself, before it can
 * share in what is executed for others, and again whenever what it may see may have changed. Queries, and
 * the overview of all that is followed, are checked by their resolvers.
 */
export function authorizeExecutor<Guarded extends Executor>(
  executor: Guarded,
  present: PresentError,
): Guarded {
  return {
    ...executor,
    async subscribe(args, recipient) {
      const { access, operations } = args.contextValue as GatewayContext
      if (!access.isLimited) return executor.subscribe(args, recipient)
      let mayHaveChanged = false
      const changes = access.changes.subscribe(() => (mayHaveChanged = true))
      try {
        const refs = namedOperations(rootFields(args)).map((input) => operations.ref(input))
        await demandAll(access, refs)
        const results = guard(await executor.subscribe(args, recipient), { access, refs, present })
        if (mayHaveChanged) void results.check()
        return results
      } catch (error) {
        return singleResult({ errors: [present(error)] })
      } finally {
        changes.unsubscribe()
      }
    },
  }
}

async function demandAll(access: Access, refs: readonly OperationRef[]): Promise<void> {
  await Promise.all(refs.map((ref) => access.demand(ref)))
}

interface GuardOptions {
  readonly access: Access
  readonly refs: readonly OperationRef[]
  readonly present: PresentError
}

interface GuardedStream extends ResultStream {
  /** Asks whether all of it may still be seen. Ends it with an error if not. */
  check(): Promise<void>
}

function guard(results: ResultStream, { access, refs, present }: GuardOptions): GuardedStream {
  let hasEnded = false
  let refusal: ExecutionResult | undefined
  /** Answers whoever waits for the next result. */
  let answer: ((result: IteratorResult<ExecutionResult, undefined>) => void) | undefined
  const changes = access.changes.subscribe(() => void stream.check())

  function end(): void {
    hasEnded = true
    changes.unsubscribe()
  }

  function takeRefusal(): IteratorResult<ExecutionResult, undefined> {
    const value = refusal
    refusal = undefined
    return value ? { done: false, value } : { done: true, value: undefined }
  }

  const stream: GuardedStream = {
    async check() {
      try {
        await demandAll(access, refs)
      } catch (error) {
        if (hasEnded) return
        end()
        void results.return()
        refusal = { errors: [present(error)] }
        answer?.(takeRefusal())
      }
    },
    next() {
      if (hasEnded) return Promise.resolve(takeRefusal())
      return new Promise((resolve, reject) => {
        answer = resolve
        results.next().then((result) => {
          // What came after a refusal is not to be seen any more.
          if (answer !== resolve) return
          answer = undefined
          if (result.done) end()
          resolve(result)
        }, reject)
      })
    },
    return() {
      end()
      refusal = undefined
      return results.return()
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
