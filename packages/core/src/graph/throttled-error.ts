import { OperationsError, type OperationsErrorOptions } from '../operation/operations-error.ts'

export interface ThrottledErrorOptions extends OperationsErrorOptions {
  readonly retryAfterMs: number | undefined
}

/** Graph asked for fewer requests (429, 509, or 503 with `Retry-After`). */
export class ThrottledError extends OperationsError {
  readonly code = 'THROTTLED'
  /** What `Retry-After` asked for, in milliseconds; `undefined` without a usable one. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, { retryAfterMs, ...options }: ThrottledErrorOptions) {
    super(message, options)
    this.retryAfterMs = retryAfterMs
  }
}
