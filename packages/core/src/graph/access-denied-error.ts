import { OperationsError } from '../operation/operations-error.ts'

/** The token is good, but what it stands for may not do this (403). */
export class AccessDeniedError extends OperationsError {
  readonly code = 'ACCESS_DENIED'
}
