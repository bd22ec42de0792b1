import type { OperationState } from '../operation/operation-state.ts'
import { OperationsError } from '../operation/operations-error.ts'

/** The stream of an operation has ended, and the operation has not: its outcome is unknown. */
export class OperationUnfinishedError extends OperationsError {
  readonly code = 'OPERATION_UNFINISHED'

  constructor(lastState: OperationState | undefined) {
    super(
      `Expected the operation to succeed or fail, got the end of its stream ${
        lastState ? `at ${lastState.operation.status} (${lastState.ref.location})` : 'before any state'
      }. It goes on in Graph: watch it again, with a client that is not disposed.`,
      { lastState },
    )
  }
}
