import type { GraphQLParams } from 'graphql-yoga'
import type { OperationRequest } from '../execution/operation-request.ts'
import { httpError } from './http-status.ts'
import { documentIdOf } from './persisted-documents.ts'

/**
 * The operation that the parameters of an HTTP request ask for.
 *
 * @throws GraphQLError when one of them is not as it has to be
 */
export function operationIn(params: GraphQLParams): OperationRequest {
  const { query = '', operationName, variables, extensions } = params
  // Yoga has checked the others.
  if (operationName != null && typeof operationName !== 'string') {
    throw httpError('Expected `operationName` to be a string.', { status: 400 })
  }
  return { query, operationName, variables, extensions, documentId: documentIdOf(params) }
}
