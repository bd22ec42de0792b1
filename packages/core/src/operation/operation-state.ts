import type { OperationRef } from './operation-ref.ts'
import type { TeamsAsyncOperation } from './teams-async-operation.ts'

/** What is known of an operation at one moment. Never changed: a later moment is another object. */
export interface OperationState {
  readonly ref: OperationRef
  /** The operation as the last check that succeeded found it. The same object while nothing changes. */
  readonly operation: TeamsAsyncOperation
  /** 1 for the first state, one more with every change of `operation`. A gap means that states were skipped. */
  readonly revision: number
  /** How many checks were made, those that failed included. */
  readonly checks: number
  /** When the last check that succeeded ended, in milliseconds since 1970. */
  readonly checkedAt: number
  /** The earliest moment of the next check, in milliseconds since 1970; `undefined` when there will be none. */
  readonly nextCheckAt: number | undefined
  /** Why the last check did not succeed; `undefined` when it did. */
  readonly problem: PollingProblem | undefined
}

/**
 * Why a check did not give a state. It says nothing about the operation:
 *
 * - `throttled`: Graph asked for fewer requests (429, 509, or 503 with `Retry-After`).
 * - `graph-unavailable`: another passing answer (408, 5xx).
 * - `no-connection`: the request did not get through, or broke.
 * - `no-answer`: nothing came in time.
 * - `unusable-body`: a 200 without a usable operation in it.
 * - `not-replicated`: a 404 shortly after the start.
 * - `no-token`: the credential gave none.
 * - `unauthenticated`: a 401, to be tried once more with a fresh token.
 */
export type PollingProblemCode =
  | 'throttled'
  | 'graph-unavailable'
  | 'no-connection'
  | 'no-answer'
  | 'unusable-body'
  | 'not-replicated'
  | 'no-token'
  | 'unauthenticated'

export interface PollingProblem {
  readonly code: PollingProblemCode
  readonly message: string
  /** When the checks began to fail, in milliseconds since 1970. */
  readonly sinceAt: number
  /** Graph's `request-id` of the answer, if there was one. */
  readonly requestId: string | undefined
}
