import type { OperationRef } from '../operation/operation-ref.ts'
import type { CheckReport } from './check-report.ts'
import type { CheckFailureCode } from './client-stats.ts'

/** A check that gave no state, for logs. */
export interface CheckFailure {
  readonly ref: OperationRef
  readonly code: CheckFailureCode
  /** For people. It may hold what Graph said, but no token of this client. */
  readonly message: string
  /** Graph's `request-id` of the answer, if there was one. */
  readonly requestId: string | undefined
  /** What was thrown, where there was no answer: why the connection or the credential failed. */
  readonly cause: unknown
  /** Whether the operation is followed no more. */
  readonly isFinal: boolean
}

/** @returns `undefined` for a check that found its operation */
export function failureOf(report: CheckReport): CheckFailure | undefined {
  const { ref } = report
  switch (report.kind) {
    case 'found':
      return undefined
    case 'failed': {
      const { code, message, requestId } = report.problem
      return { ref, code, message, requestId, cause: report.cause, isFinal: false }
    }
    case 'given-up': {
      const { message, requestId } = report.error
      return { ref, code: report.reason, message, requestId, cause: undefined, isFinal: true }
    }
  }
}
