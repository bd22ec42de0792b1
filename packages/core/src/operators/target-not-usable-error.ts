import { OperationsError } from '../operation/operations-error.ts'
import type { TeamsAsyncOperation } from '../operation/teams-async-operation.ts'

/** What an operation created or changed could not be read, though nothing says that the operation failed. */
export class TargetNotUsableError extends OperationsError {
  readonly code = 'TARGET_NOT_USABLE'
  readonly operation: TeamsAsyncOperation
  /** How often the target was read. */
  readonly reads: number

  constructor(message: string, operation: TeamsAsyncOperation, reads: number) {
    super(message)
    this.operation = operation
    this.reads = reads
  }
}
