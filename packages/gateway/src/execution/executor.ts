import {
  execute,
  getOperationAST,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationTypeNode,
} from 'graphql'
import type { PresentError } from '../errors/present-error.ts'
import type { GatewayCounts } from '../observability/gateway-counts.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import { coercedVariables } from './coerced-variables.ts'
import { guardSubscription } from './guarded-subscription.ts'
import type { OperationRequest, RefusedOperation } from './operation-request.ts'
import { openSource } from './open-source.ts'
import { presentResult, singleResult, type ResultStream } from './present-results.ts'
import type { ReadDocument } from './read-document.ts'
import type { Recipient } from './recipient.ts'
import { createResponseGroups } from './response-groups.ts'

/** An operation that may be executed. */
export interface PreparedOperation {
  readonly type: OperationTypeNode
  readonly args: ExecutionArgs
}

/**
 * What every transport does with an operation: the same checks, the same execution, the same errors.
 * Nothing here throws or rejects; errors are results.
 */
export interface Executor {
  /** Finds the document, and what of it is to be executed. */
  prepare(request: OperationRequest, context: GatewayContext): PreparedOperation | RefusedOperation
  /** Executes a query or a mutation. */
  execute(args: ExecutionArgs): Promise<ExecutionResult>
  /**
   * Executes a subscription, once for all who share it, for those who may see what it names. Its results go to
   * the recipient; the stream has only the end. A result without `data` tells why there are no more, or were none.
   */
  subscribe(args: ExecutionArgs, recipient: Recipient): Promise<ResultStream>
}

export interface ExecutorOptions {
  readonly schema: GraphQLSchema
  readonly present: PresentError
  readonly readDocument: ReadDocument
  readonly counts: GatewayCounts
}

export function createExecutor(options: ExecutorOptions): Executor {
  const { schema, present, readDocument } = options
  const groups = createResponseGroups(options)

  function prepare(request: OperationRequest, context: GatewayContext): PreparedOperation | RefusedOperation {
    const { operationName, variables } = request
    const document = readDocument(request)
    if ('errors' in document) return document
    const operation = getOperationAST(document, operationName)
    if (!operation) return { errors: [present(unknownOperation(operationName), 'BAD_REQUEST')] }
    const args = { schema, document, operationName, variableValues: variables, contextValue: context }
    // A mutation is answered before it begins, and should not be with what could have been known.
    if (operation.operation === 'mutation') coercedVariables(args, operation)
    return { type: operation.operation, args }
  }

  return {
    prepare(request, context) {
      try {
        return prepare(request, context)
      } catch (error) {
        return { errors: [present(error)] }
      }
    },

    async execute(args) {
      try {
        const result = await execute(args)
        // Nobody is there to be told, and what a cancelled resolver threw is no news.
        return isCancelled(args) ? cancelled : presentResult(result, present)
      } catch (error) {
        return { errors: [present(error)] }
      }
    },

    async subscribe(args, recipient) {
      try {
        const source = await openSource(args)
        if (!('events' in source)) return singleResult(presentResult(source, present))
        const { access } = args.contextValue as GatewayContext
        const join = (to: Recipient): ResultStream => groups.join(args, source, to)
        if (!access.isLimited) return join(recipient)
        return guardSubscription({ access, refs: source.refs, recipient, present, execute: join })
      } catch (error) {
        return singleResult({ errors: [present(error)] })
      }
    },
  }
}

const cancelled: ExecutionResult = { errors: [new GraphQLError('The client has left.')] }

function isCancelled({ contextValue }: ExecutionArgs): boolean {
  return (contextValue as GatewayContext).signal.aborted
}

function unknownOperation(operationName: string | null | undefined): GraphQLError {
  return new GraphQLError(
    operationName == null
      ? 'Expected `operationName` to say which of several operations to execute, got none.'
      : `Expected an operation called "${operationName}" in the document, found none.`,
  )
}
