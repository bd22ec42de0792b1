import type { Behavior } from '../exchange.ts'
import { jsonOf } from '../reply.ts'

/** Shows operations with one status for ever, though what they do may be done. */
export function stuck(status = 'inProgress'): Behavior {
  return async ({ target }, next) => {
    const reply = await next()
    const json = jsonOf(reply.body)
    if (target.kind !== 'check' || reply.status !== 200 || !json) return reply
    return { ...reply, body: { json: { ...json, status, error: null } } }
  }
}
