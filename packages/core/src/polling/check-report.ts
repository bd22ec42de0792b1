import type { OperationsError } from '../operation/operations-error.ts'
import type { OperationRef } from '../operation/operation-ref.ts'
import type { OperationState, PollingProblem } from '../operation/operation-state.ts'
import type { GivenUpReason } from './verdict.ts'

interface Report {
  readonly ref: OperationRef
  /** When the check ended, in milliseconds since 1970. */
  readonly at: number
  /** The earliest moment of the next check, in milliseconds since 1970; `undefined` when there is none. */
  readonly nextCheckAt: number | undefined
}

/** A check found the operation. */
export interface FoundReport extends Report {
  readonly kind: 'found'
  readonly state: OperationState
  readonly changed: boolean
  readonly requestId: string | undefined
}

/** A check failed, and there will be another one. */
export interface FailedReport extends Report {
  readonly kind: 'failed'
  readonly problem: PollingProblem
  readonly retryAfterMs: number | undefined
  /** What was known before, with the problem in it; `undefined` when nothing was. */
  readonly state: OperationState | undefined
  /** What was thrown, where there was no answer. Not for clients: it may tell of the network. */
  readonly cause?: unknown
}

/** The operation cannot be followed any more. */
export interface GivenUpReport extends Report {
  readonly kind: 'given-up'
  readonly reason: GivenUpReason
  readonly error: OperationsError
}

/** What polling tells of one check. */
export type CheckReport = FoundReport | FailedReport | GivenUpReport
