import type { Behavior } from '../exchange.ts'
import { jsonOf } from '../reply.ts'

/** Lets lists go on at another origin, also those that would have ended. */
export function foreignNextLink(origin: string): Behavior {
  return async ({ request: { url } }, next) => {
    const reply = await next()
    const json = jsonOf(reply.body)
    if (!json || !Array.isArray(json['value'])) return reply
    const own = typeof json['@odata.nextLink'] === 'string' ? new URL(json['@odata.nextLink']) : url
    const nextLink = `${new URL(origin).origin}${own.pathname}${own.search}`
    return { ...reply, body: { json: { ...json, '@odata.nextLink': nextLink } } }
  }
}
