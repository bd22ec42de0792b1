import type { Behavior } from '../exchange.ts'
import { textOf } from '../reply.ts'

/** Answers with a body that is not JSON, though it says so: by default half of the right one. */
export function malformedBody(text?: string): Behavior {
  return async (_exchange, next) => {
    const reply = await next()
    const whole = textOf(reply.body) ?? '{}'
    const malformed = text ?? whole.slice(0, Math.max(1, Math.floor(whole.length / 2)))
    return { ...reply, body: { text: malformed, contentType: 'application/json' } }
  }
}
