import type { RefusalReason } from '../observability/gateway-stats.ts'
import { isLoopbackName } from './loopback.ts'
import { hasTokenInUrl } from './token-in-url.ts'

/** The part of a request, an upgrade included, by which it is decided whether it is served at all. */
export interface Approach {
  readonly method: string
  /** The header `Host`. */
  readonly host: string | null
  /** The header `Origin`: browsers send it with every WebSocket, every POST and every CORS request. */
  readonly origin: string | null
  /** The header `Sec-Fetch-Site`: browsers say with it who caused a request that carries no origin. */
  readonly fetchSite: string | null
  /** The header `Sec-Fetch-Mode`. */
  readonly fetchMode: string | null
  /** The query string of the URL. */
  readonly search: string
}

/** Why a request is not served. */
export interface Refusal {
  readonly reason: RefusalReason
  readonly status: number
  readonly message: string
}

export interface AdmissionOptions {
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** Tells why a request is not served; `undefined` when it is. The same for HTTP, SSE and WebSocket. */
export type Admission = (approach: Approach) => Refusal | undefined

/**
 * Keeps other sites' pages out of a gateway that trusts whoever reaches it: their scripts can't use it
 * through the visitor's browser (CSRF, cross-site WebSocket hijacking), nor by giving their own name this
 * machine's address (DNS rebinding). Programs that are no browsers send none of these headers but `Host`.
 */
export function createAdmission({ allowedHosts, allowedOrigins }: AdmissionOptions): Admission {
  const hosts = new Set(allowedHosts.map((host) => host.toLowerCase()))
  const origins = new Set(allowedOrigins)

  return ({ method, host, origin, fetchSite, fetchMode, search }) => {
    const own = host === null ? undefined : parseHost(host)
    if (!own || !(isLoopbackName(own.hostname) || hosts.has(own.hostname))) {
      return forbidden('host', 'The header Host does not name this gateway.')
    }
    if (hasTokenInUrl(search)) return tokenInUrl
    if (origin !== null) {
      const isOwn = originHost(origin) === own.host
      return isOwn || origins.has(origin)
        ? undefined
        : forbidden('origin', 'The header Origin names a site that is not allowed.')
    }
    const isForeign = fetchSite === 'cross-site' || fetchSite === 'same-site'
    const isPageLoad = method === 'GET' && fetchMode === 'navigate'
    return isForeign && !isPageLoad
      ? forbidden('other-site', 'The request was caused by another site.')
      : undefined
  }
}

/** Ignored instead, it would be in the logs of everything in between, and nobody would know. */
const tokenInUrl: Refusal = {
  reason: 'token-in-url',
  status: 400,
  message:
    'A token does not belong into a URL. Send it in the header Authorization, or with connection_init.',
}

function forbidden(reason: RefusalReason, message: string): Refusal {
  return { reason, status: 403, message }
}

function parseHost(host: string): URL | undefined {
  const url = URL.parse(`http://${host}`)
  // Whatever is more than a host and a port would end up elsewhere in the URL.
  return url && url.href === `http://${url.host}/` ? url : undefined
}

/** The host and port of an origin; `undefined` for one that is not of the web, such as `null`. */
function originHost(origin: string): string | undefined {
  const url = URL.parse(origin)
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url.host : undefined
}
