import { OperationsError } from '../operation/operations-error.ts'

/** The client was asked for something after it had been disposed, or while it was. */
export class ClientDisposedError extends OperationsError {
  readonly code = 'CLIENT_DISPOSED'

  constructor() {
    super('Expected a client that is in use, got one that was disposed. Create another one.')
  }
}
