import type { Plugin } from 'graphql-yoga'
import type { Admission } from '../access/admission.ts'
import type { RefusalReason } from '../observability/gateway-stats.ts'
import type { Connections } from './connections.ts'
import type { HttpAuthentication } from './http-authentication.ts'

/** Serves what browsers load; `undefined` for what is not its own. */
export type Page = (request: Request, url: URL) => Promise<Response | undefined>

export interface FrontDoorOptions {
  readonly path: string
  readonly admit: Admission
  readonly connections: Connections
  readonly page: Page | undefined
  readonly authentication: HttpAuthentication
  /** Whether those who are lost are told where to go. */
  readonly hints: boolean
  readonly onTurnedAway: (reason: RefusalReason, origin: string | undefined) => void
}

/**
 * The first to see a request: decides whether it is served, and leads what is not GraphQL elsewhere. Pages
 * are for everybody; they hold nothing that is not public. Nothing else is read before it is known whose it is.
 */
export function frontDoor(options: FrontDoorOptions): Plugin {
  const { path, admit, connections, page, authentication, hints, onTurnedAway } = options
  return {
    async onRequest(arrival) {
      const { request, url } = arrival
      const { headers, method } = request
      const turnAway = (reason: RefusalReason, response: Response): void => {
        onTurnedAway(reason, headers.get('origin') ?? undefined)
        arrival.endResponse(response)
      }
      if (connections.isClosing) {
        return turnAway('stopping', plain(503, 'The gateway is stopping.', { 'Retry-After': '5' }))
      }
      const refusal = admit({
        method,
        // Without the header, which only HTTP/1.0 knows to leave out, the URL was made up by the server.
        host: headers.get('host') ?? url.host,
        origin: headers.get('origin'),
        fetchSite: headers.get('sec-fetch-site'),
        fetchMode: headers.get('sec-fetch-mode'),
        search: url.search,
      })
      if (refusal) return turnAway(refusal.reason, plain(refusal.status, refusal.message))
      const response = await page?.(request, url)
      if (response) return arrival.endResponse(response)
      if (url.pathname !== path) {
        const hint = hints ? ` GraphQL is at ${path}.` : ''
        return turnAway('path', plain(404, `There is nothing here.${hint}`))
      }
      const refused = await authentication.refuse(request)
      if (refused) turnAway('unauthenticated', refused)
    },
    onResponse({ response }) {
      response.headers.set('X-Content-Type-Options', 'nosniff')
      // What another origin gets is another answer, and what somebody gets is for nobody else.
      response.headers.append('Vary', 'Origin')
      if (!response.headers.has('Cache-Control')) response.headers.set('Cache-Control', 'no-store')
      // The URL of GraphiQL holds the query.
      response.headers.set('Referrer-Policy', 'no-referrer')
    },
  }
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
  })
}
