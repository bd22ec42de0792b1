import { OperationsError, type OperationsErrorOptions } from '../operation/operations-error.ts'
import type { PollingProblem } from '../operation/operation-state.ts'

/** The one check that was asked for gave no state. It may be asked for again; the operation may be well. */
export class CheckFailedError extends OperationsError {
  readonly code = 'CHECK_FAILED'
  readonly problem: PollingProblem

  constructor(problem: PollingProblem, options?: OperationsErrorOptions) {
    super(problem.message, { requestId: problem.requestId, ...options })
    this.problem = problem
  }
}
