import type { Behavior } from '../exchange.ts'
import { errorReply, GraphError } from '../routes/graph-error.ts'

/** Answers with a lasting error, in Graph's shape: `refuse(403, 'Forbidden', 'Missing role permissions.')`. */
export function refuse(status: number, code: string, message: string): Behavior {
  return (exchange) => errorReply(exchange, new GraphError(status, code, message))
}
