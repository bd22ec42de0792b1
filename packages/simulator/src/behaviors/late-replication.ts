import type { Behavior } from '../exchange.ts'
import { errorReply, notFound } from '../routes/graph-error.ts'

/** Answers 404 to checks of an operation for a while after its start. */
export function lateReplication(ms: number): Behavior {
  return (exchange, next) => {
    const { operation, clock } = exchange
    if (!operation || clock.monotonic() >= operation.startedAt + ms) return next()
    return errorReply(exchange, notFound(`No operation found with id '${operation.id}'.`))
  }
}
