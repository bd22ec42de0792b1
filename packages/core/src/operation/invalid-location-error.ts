import { OperationsError } from './operations-error.ts'

/** What was given is not the location of an operation of this Graph. Nothing was sent. */
export class InvalidLocationError extends OperationsError {
  readonly code = 'INVALID_LOCATION'
}
