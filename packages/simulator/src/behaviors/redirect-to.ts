import type { Behavior } from '../exchange.ts'

/** Sends the client to the same path at another origin. */
export function redirectTo(origin: string, status: 301 | 302 | 307 | 308 = 307): Behavior {
  return ({ request: { url } }) => ({
    status,
    headers: { location: `${new URL(origin).origin}${url.pathname}${url.search}` },
    body: undefined,
  })
}
