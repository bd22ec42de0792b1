import type { PollingProblem, PollingProblemCode } from '@teams-operations/core'
import type { ErrorCode } from './error-code.ts'

/**
 * How the errors of the core are told in GraphQL: the one table for all transports. What is not in it is
 * not for clients to see.
 */
const codes: Readonly<Record<string, ErrorCode>> = {
  INVALID_LOCATION: 'BAD_USER_INPUT',
  AUTHENTICATION: 'UNAUTHENTICATED',
  ACCESS_DENIED: 'FORBIDDEN',
  OPERATION_LOST: 'OPERATION_LOST',
  THROTTLED: 'THROTTLED',
  CONNECTION: 'GRAPH_UNAVAILABLE',
  PROTOCOL: 'GRAPH_UNAVAILABLE',
  CLIENT_DISPOSED: 'GRAPH_UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
  // Of what was started: it runs, nobody knows where, or it was done at once.
  MISSING_LOCATION: 'OPERATION_LOST',
  NO_OPERATION: 'OPERATION_NOT_FOUND',
}

/** For `CHECK_FAILED`: the one check that a query asked for gave nothing. */
const problemCodes: Readonly<Record<PollingProblemCode, ErrorCode>> = {
  throttled: 'THROTTLED',
  'graph-unavailable': 'GRAPH_UNAVAILABLE',
  'no-connection': 'GRAPH_UNAVAILABLE',
  'no-answer': 'GRAPH_UNAVAILABLE',
  'unusable-body': 'GRAPH_UNAVAILABLE',
  'not-replicated': 'OPERATION_NOT_FOUND',
  'no-token': 'UNAUTHENTICATED',
  unauthenticated: 'UNAUTHENTICATED',
}

/**
 * What an error of the core has beyond every other error. Told by its `code`, not by `instanceof`, which
 * fails where two copies of the package meet.
 */
export interface CoreError extends Error {
  readonly code: string
  readonly requestId?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly status?: number | undefined
  readonly problem?: Pick<PollingProblem, 'code' | 'message'> | undefined
}

/** The code to tell an error by; `undefined` when it is not one of the core that clients may see. */
export function coreErrorCode(error: unknown): ErrorCode | undefined {
  if (!isCoreError(error)) return undefined
  if (error.code === 'GRAPH_REQUEST') return codeOfStatus(error.status)
  if (error.code === 'CHECK_FAILED') return error.problem && problemCodes[error.problem.code]
  return codes[error.code]
}

export function isCoreError(error: unknown): error is CoreError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

/** Below 500, and nevertheless no fault of who asked: took too long, locked, waits for something else. */
const passing: ReadonlySet<number> = new Set([408, 423, 424])

function codeOfStatus(status: number | undefined): ErrorCode {
  if (status === undefined || status >= 500 || passing.has(status)) return 'GRAPH_UNAVAILABLE'
  return status === 404 ? 'OPERATION_NOT_FOUND' : 'BAD_USER_INPUT'
}
