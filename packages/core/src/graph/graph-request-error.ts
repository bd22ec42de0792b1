import { OperationsError, type OperationsErrorOptions } from '../operation/operations-error.ts'

export interface GraphRequestErrorOptions extends OperationsErrorOptions {
  readonly status: number
  readonly graphCode: string
  readonly retryAfterMs?: number | undefined
}

/** Graph refused a request for a reason that has no class of its own. */
export class GraphRequestError extends OperationsError {
  readonly code = 'GRAPH_REQUEST'
  /** The HTTP status. */
  readonly status: number
  /** Graph's deepest error code, such as `ItemNotFound`, or an empty string. */
  readonly graphCode: string
  /** What `Retry-After` asked for, in milliseconds; `undefined` without a usable one. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, { status, graphCode, retryAfterMs, ...options }: GraphRequestErrorOptions) {
    super(message, options)
    this.status = status
    this.graphCode = graphCode
    this.retryAfterMs = retryAfterMs
  }
}
