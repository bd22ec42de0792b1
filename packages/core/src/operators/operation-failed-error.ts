import type { OperationState } from '../operation/operation-state.ts'
import { OperationsError } from '../operation/operations-error.ts'
import { shortened } from '../operation/shortened.ts'
import type { OperationError, TeamsAsyncOperation } from '../operation/teams-async-operation.ts'

/** The operation has failed, and its result was asked for. */
export class OperationFailedError extends OperationsError {
  readonly code = 'OPERATION_FAILED'
  readonly operation: TeamsAsyncOperation
  /** Why, in the words of the service; both are `null` when it did not say. */
  readonly reason: OperationError
  declare readonly lastState: OperationState

  constructor(lastState: OperationState) {
    const { operation, ref } = lastState
    const reason = operation.error ?? { code: null, message: null }
    super(
      `Expected ${operation.operationType} at ${ref.location} to succeed, but it failed with ` +
        `${reason.code === null ? 'no code' : shortened(reason.code)} and ` +
        `${reason.message === null ? 'no message' : shortened(reason.message)}. ` +
        'It will not change any more: remove the cause, then start a new operation.',
      { lastState },
    )
    this.operation = operation
    this.reason = reason
  }
}
