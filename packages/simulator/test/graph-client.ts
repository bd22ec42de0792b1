import {
  AuthenticationHandler,
  Client,
  HTTPMessageHandler,
  RedirectHandler,
  RedirectHandlerOptions,
  RetryHandler,
  RetryHandlerOptions,
  TelemetryHandler,
  type Context,
  type Middleware,
} from '@microsoft/microsoft-graph-client'
import type { Simulator } from '../src/index.ts'

/** Microsoft's client with all of its own middleware, on the simulator instead of a network. */
export function inProcessClient({ fetch, origin }: Simulator): Client {
  const chain = [
    new AuthenticationHandler({ getAccessToken: async () => 'a-token' }),
    new RetryHandler(new RetryHandlerOptions()),
    new RedirectHandler(new RedirectHandlerOptions()),
    new TelemetryHandler(),
  ] as const
  const last: Middleware = {
    async execute(context: Context) {
      context.response = await fetch(context.request, context.options)
    },
  }
  chain.forEach((middleware, index) => middleware.setNext(chain[index + 1] ?? last))
  return Client.initWithMiddleware({
    baseUrl: `${origin}/`,
    customHosts: new Set([new URL(origin).hostname]),
    middleware: chain[0],
  })
}

/** Microsoft's client on a real network. It gives its token to `https` only, so it is helped with that. */
export function networkClient(origin: string): Client {
  const network = new HTTPMessageHandler()
  const authenticating: Middleware = {
    async execute(context: Context) {
      const headers = new Headers(context.options?.headers)
      headers.set('authorization', 'Bearer a-token')
      context.options = { ...context.options, headers: Object.fromEntries(headers) }
      await network.execute(context)
    },
  }
  return Client.initWithMiddleware({ baseUrl: `${origin}/`, middleware: authenticating })
}
