import { OperationsError } from '../operation/operations-error.ts'

/** Graph accepted a start (202) without saying where the operation is. It runs nevertheless. */
export class MissingLocationError extends OperationsError {
  readonly code = 'MISSING_LOCATION'
}
