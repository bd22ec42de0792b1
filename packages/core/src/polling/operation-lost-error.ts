import { OperationsError } from '../operation/operations-error.ts'

/**
 * Graph no longer knows the operation (404 or 410). Whether it succeeded is unknown: look at what it was
 * to change. Operations are not kept for ever, and Graph does not say for how long.
 */
export class OperationLostError extends OperationsError {
  readonly code = 'OPERATION_LOST'
}
