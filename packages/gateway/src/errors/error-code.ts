/**
 * What `extensions.code` may say. Those of the contract come first; the others are about the request
 * itself, as GraphQL servers have them in common.
 */
export const errorCodes = [
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'OPERATION_NOT_FOUND',
  'OPERATION_LOST',
  'THROTTLED',
  'GRAPH_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'TOO_MANY_SUBSCRIPTIONS',
  'INTERNAL_SERVER_ERROR',
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_ONLY',
  'SERVICE_UNAVAILABLE',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export function isErrorCode(code: unknown): code is ErrorCode {
  return errorCodes.some((known) => known === code)
}
