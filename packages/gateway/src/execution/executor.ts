import {
  execute,
  getOperationAST,
  GraphQLError,
  parse,
  subscribe,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationTypeNode,
} from 'graphql'
import type { PresentError } from '../errors/present-error.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import { createDocumentCache } from './document-cache.ts'
import { presentResult, presentResults, singleResult, type ResultStream } from './present-results.ts'

/** A GraphQL operation as it arrives, over whatever it arrives. */
export interface OperationRequest {
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
}

/** An operation that may be executed. */
export interface PreparedOperation {
  readonly type: OperationTypeNode
  readonly args: ExecutionArgs
}

/** An operation that may not, and why. Nothing was executed. */
export interface RefusedOperation {
  readonly errors: readonly GraphQLError[]
}

/**
 * What every transport does with an operation: the same checks, the same execution, the same errors.
 * Nothing here throws or rejects; errors are results.
 */
export interface Executor {
  /** Parses and validates, once for each document. */
  prepare(request: OperationRequest, context: GatewayContext): PreparedOperation | RefusedOperation
  /** Executes a query or a mutation. */
  execute(args: ExecutionArgs): Promise<ExecutionResult>
  /**
   * Executes a subscription. A result without `data` is the last one, and tells why there are no more; as
   * the only one, why there were none.
   */
  subscribe(args: ExecutionArgs): Promise<ResultStream>
}

export interface ExecutorOptions {
  readonly schema: GraphQLSchema
  readonly present: PresentError
}

/** Some thousand documents of usual length. */
const DOCUMENT_CACHE_CHARACTERS = 4_000_000

export function createExecutor({ schema, present }: ExecutorOptions): Executor {
  const documents = createDocumentCache(DOCUMENT_CACHE_CHARACTERS)

  function readDocument(text: string): DocumentNode | RefusedOperation {
    const known = documents.get(text)
    if (known) return known
    let document: DocumentNode
    try {
      document = parse(text)
    } catch (error) {
      return { errors: [present(error, 'GRAPHQL_PARSE_FAILED')] }
    }
    const errors = validate(schema, document)
    if (errors.length > 0) {
      return { errors: errors.map((error) => present(error, 'GRAPHQL_VALIDATION_FAILED')) }
    }
    documents.set(text, document)
    return document
  }

  function prepare(
    { query, operationName, variables }: OperationRequest,
    context: GatewayContext,
  ): PreparedOperation | RefusedOperation {
    const document = readDocument(query)
    if ('errors' in document) return document
    const operation = getOperationAST(document, operationName)
    if (!operation) return { errors: [present(unknownOperation(operationName), 'BAD_REQUEST')] }
    return {
      type: operation.operation,
      args: { schema, document, operationName, variableValues: variables, contextValue: context },
    }
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

    async subscribe(args) {
      try {
        const results = await subscribe(args)
        if (Symbol.asyncIterator in results) return presentResults(results, present)
        return singleResult(presentResult(results, present))
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
