import type { Behavior } from '../exchange.ts'
import { errorReply, GraphError } from '../routes/graph-error.ts'

export type ServerErrorStatus = 408 | 500 | 502 | 503 | 504 | 509

export interface ServerErrorOptions {
  /** A `Retry-After`, which a 503 may have. @default none */
  readonly retryAfter?: string | undefined
  /** Lets the request take effect first. @default false */
  readonly takesEffect?: boolean | undefined
}

const errors: Readonly<Record<ServerErrorStatus, readonly [code: string, message: string]>> = {
  408: ['RequestTimeout', 'The request timed out.'],
  500: ['InternalServerError', 'An unexpected error occurred.'],
  502: ['BadGateway', 'Failed to execute backend request.'],
  503: ['ServiceUnavailable', 'The service is temporarily unavailable.'],
  504: ['GatewayTimeout', 'Failed to execute backend request in time.'],
  509: ['BandwidthLimitExceeded', 'The bandwidth limit was exceeded.'],
}

/** Answers with a passing error of the service. */
export function serverError(
  status: ServerErrorStatus = 503,
  { retryAfter, takesEffect = false }: ServerErrorOptions = {},
): Behavior {
  return async (exchange, next) => {
    if (takesEffect) await next()
    const [code, message] = errors[status]
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
    return errorReply(exchange, new GraphError(status, code, message), headers)
  }
}
