import { OperationsError } from '../operation/operations-error.ts'

/** No token was to be had, or Graph accepts none that the credential gives (401). */
export class AuthenticationError extends OperationsError {
  readonly code = 'AUTHENTICATION'
}
