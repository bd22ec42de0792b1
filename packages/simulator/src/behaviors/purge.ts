import type { Behavior } from '../exchange.ts'
import { errorReply, GraphError, notFound } from '../routes/graph-error.ts'

export interface PurgeOptions {
  /** From the start of the operation. @default 0 */
  readonly afterMs?: number | undefined
  /** @default 404 */
  readonly status?: 404 | 410 | undefined
}

/** Answers checks of an operation as if it were gone, whatever has become of it. */
export function purge({ afterMs = 0, status = 404 }: PurgeOptions = {}): Behavior {
  return (exchange, next) => {
    const { operation, clock } = exchange
    if (!operation || clock.monotonic() < operation.startedAt + afterMs) return next()
    const message = `The operation '${operation.id}' is no longer available.`
    return errorReply(exchange, status === 410 ? new GraphError(410, 'Gone', message) : notFound(message))
  }
}
