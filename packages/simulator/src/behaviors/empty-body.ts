import type { Behavior } from '../exchange.ts'

/** Answers with no body at all, though the headers promise JSON. */
export function emptyBody(): Behavior {
  return async (_exchange, next) => {
    const reply = await next()
    return { ...reply, headers: { ...reply.headers, 'content-type': 'application/json' }, body: undefined }
  }
}
