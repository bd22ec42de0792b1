import { OperationsError } from '../operation/operations-error.ts'

/** No answer came. Whether Graph received the request, and acted on it, is unknown. */
export class ConnectionError extends OperationsError {
  readonly code = 'CONNECTION'
}
