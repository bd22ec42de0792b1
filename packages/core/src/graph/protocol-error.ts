import { OperationsError, type OperationsErrorOptions } from '../operation/operations-error.ts'

export interface ProtocolErrorOptions extends OperationsErrorOptions {
  readonly received: unknown
}

/** Graph answered with success and something else than it documents. */
export class ProtocolError extends OperationsError {
  readonly code = 'PROTOCOL'
  /** What came instead. */
  readonly received: unknown

  constructor(message: string, { received, ...options }: ProtocolErrorOptions) {
    super(message, options)
    this.received = received
  }
}
