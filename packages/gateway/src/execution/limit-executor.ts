import type { ExecutionArgs } from 'graphql'
import type { Limits } from '../access/limits.ts'
import type { Usage } from '../access/usage.ts'
import type { PresentError } from '../errors/present-error.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import type { Executor, PreparedOperation } from './executor.ts'
import type { OperationRequest, RefusedOperation } from './operation-request.ts'
import { singleResult, type ResultStream } from './present-results.ts'
import type { Recipient } from './recipient.ts'
import { ResultQueue } from './result-queue.ts'
import { checkVariables } from './variables-limits.ts'
import { whenEnded } from './when-ended.ts'

/** The context of an operation that counts. */
export interface CountedContext extends GatewayContext {
  /** Of the connection that the operation came over. */
  readonly usage: Usage
}

export interface LimitedExecutor extends Executor {
  prepare(request: OperationRequest, context: CountedContext): PreparedOperation | RefusedOperation
  /** @param recipient without one, the stream has the results themselves */
  subscribe(args: ExecutionArgs, recipient?: Recipient): Promise<ResultStream>
}

/** The executor without what is over the limits: the same for all that operations come over. */
export function limitExecutor(executor: Executor, limits: Limits, present: PresentError): LimitedExecutor {
  async function subscribe(args: ExecutionArgs, recipient: Recipient): Promise<ResultStream> {
    const usage = usageOf(args)
    try {
      usage.subscribe()
    } catch (error) {
      return singleResult({ errors: [present(error)] })
    }
    const results = whenEnded(await executor.subscribe(args, recipient), () => usage.unsubscribe(results))
    usage.hold(results)
    return results
  }

  return {
    prepare(request, context) {
      try {
        context.usage.request()
        checkVariables(request.variables, limits)
      } catch (error) {
        return { errors: [present(error)] }
      }
      const operation = executor.prepare(request, context)
      if ('type' in operation) context.usage.record.operation(operation.type)
      return operation
    },

    execute: (args) => executor.execute(args),

    async subscribe(args, recipient) {
      if (recipient) return subscribe(args, recipient)
      const queue = new ResultQueue(usageOf(args).record)
      return queue.until(await subscribe(args, queue))
    },
  }
}

/** Of arguments that were prepared here. */
function usageOf({ contextValue }: ExecutionArgs): Usage {
  return (contextValue as CountedContext).usage
}
