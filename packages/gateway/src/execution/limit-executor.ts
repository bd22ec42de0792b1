import type { OperationsClient } from '@teams-operations/core'
import type { ExecutionArgs, ExecutionResult } from 'graphql'
import type { Limits } from '../access/limits.ts'
import type { Usage } from '../access/usage.ts'
import type { PresentError } from '../errors/present-error.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import type { Executor, PreparedOperation } from './executor.ts'
import { namedOperations } from './named-operations.ts'
import type { OperationRequest, RefusedOperation } from './operation-request.ts'
import { singleResult, type ResultStream } from './present-results.ts'
import type { Recipient } from './recipient.ts'
import { ResultQueue } from './result-queue.ts'
import { OVERVIEW_FIELD, rootFields, type RootField } from './root-fields.ts'
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

/** Operations that an overview shows for what any other request costs. */
const OVERVIEW_SIZE_PER_REQUEST = 25

/** The executor without what is over the limits: the same for all that operations come over. */
export function limitExecutor(executor: Executor, limits: Limits, present: PresentError): LimitedExecutor {
  async function subscribe(args: ExecutionArgs, recipient: Recipient): Promise<ResultStream> {
    const { usage } = contextOf(args)
    let leave: () => void
    try {
      usage.subscribe()
      try {
        leave = take(args)
      } catch (error) {
        usage.unsubscribe(nothing)
        throw error
      }
    } catch (error) {
      return singleResult({ errors: [present(error)] })
    }
    const results = whenEnded(await executor.subscribe(args, recipient), () => {
      leave()
      usage.unsubscribe(results)
    })
    usage.hold(results)
    return results
  }

  async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const leave = take(args)
    try {
      return await executor.execute(args)
    } finally {
      leave()
    }
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

    async execute(args) {
      const { usage } = contextOf(args)
      try {
        usage.query()
        return await execute(args).finally(() => usage.answered())
      } catch (error) {
        return { errors: [present(error)] }
      }
    },

    async subscribe(args, recipient) {
      if (recipient) return subscribe(args, recipient)
      const queue = new ResultQueue(contextOf(args).usage.record)
      return queue.until(await subscribe(args, queue))
    },
  }
}

const nothing = { return: () => {} }

/**
 * Counts what an operation asks for.
 *
 * @returns what gives it back, once
 * @throws TooManySubscriptionsError
 */
function take(args: ExecutionArgs): () => void {
  const { usage, operations } = contextOf(args)
  const fields = fieldsOf(args)
  if (fields.some(({ name }) => name === OVERVIEW_FIELD)) {
    usage.charge(operations.stats().followed / OVERVIEW_SIZE_PER_REQUEST)
  }
  return usage.follow(() => locationsIn(fields, operations))
}

/** None where the variables are wrong: nothing is executed then. */
function fieldsOf(args: ExecutionArgs): readonly RootField[] {
  try {
    return rootFields(args)
  } catch {
    return []
  }
}

function* locationsIn(fields: readonly RootField[], operations: OperationsClient): Generator<string> {
  for (const input of namedOperations(fields)) {
    try {
      yield operations.ref(input).location
    } catch {
      // It is refused by itself, and not followed.
    }
  }
}

/** Of arguments that were prepared here. */
function contextOf({ contextValue }: ExecutionArgs): CountedContext {
  return contextValue as CountedContext
}
