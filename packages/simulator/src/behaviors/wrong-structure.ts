import type { Behavior } from '../exchange.ts'

/**
 * Answers with JSON that is not what was asked for, as the service did in February 2026 (incident
 * TM1230729): by default a list without anything in it.
 */
export function wrongStructure(json: unknown = { value: [] }): Behavior {
  return async (_exchange, next) => ({ ...(await next()), body: { json } })
}
