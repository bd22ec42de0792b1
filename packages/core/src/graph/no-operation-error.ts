import { OperationsError, type OperationsErrorOptions } from '../operation/operations-error.ts'

export interface NoOperationErrorOptions extends OperationsErrorOptions {
  readonly status: number
  readonly resource: unknown
}

/** Graph did at once what it was asked to: there is no operation to follow. */
export class NoOperationError extends OperationsError {
  readonly code = 'NO_OPERATION'
  /** The HTTP status, such as 201. */
  readonly status: number
  /** What came in the body, usually the created resource; `undefined` when it was empty or not JSON. */
  readonly resource: unknown

  constructor(message: string, { status, resource, ...options }: NoOperationErrorOptions) {
    super(message, options)
    this.status = status
    this.resource = resource
  }
}
