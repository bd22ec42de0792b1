import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { isLoopbackName } from '../access/loopback.ts'
import type { Readiness } from './readiness.ts'

/** What there is to measure, such as a registry of `prom-client`. */
export interface MetricsText {
  readonly contentType: string
  metrics(): Promise<string>
}

export interface OperatorEndpoints {
  readonly readiness: Readiness
  readonly metrics: MetricsText
}

/** Answers a request, if it is for one of its own paths. */
export type Endpoints = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * What tells the operator how the gateway is:
 *
 * - `/healthz`: the process is alive.
 * - `/readyz`: it can serve whoever comes; otherwise 503, with what fails but not why.
 *
 * Neither says anything that a stranger may not know, so that any probe can use them, under whatever name it
 * knows the gateway by.
 */
export function healthEndpoints({ readiness }: Pick<OperatorEndpoints, 'readiness'>): Endpoints {
  return endpoints({
    '/healthz': async (response) => answer(response, 200, 'text/plain; charset=utf-8', 'ok\n'),
    '/readyz': async (response) => {
      const { isReady } = readiness
      const body = JSON.stringify({ ready: isReady, checks: readiness.read() })
      answer(response, isReady ? 200 : 503, 'application/json', `${body}\n`)
    },
  })
}

/** `/metrics`, for Prometheus. Pages in a browser do not get them, under whatever name they have come. */
export function metricsEndpoint(
  { metrics }: Pick<OperatorEndpoints, 'metrics'>,
  { onlyByLoopbackName }: { readonly onlyByLoopbackName: boolean },
): Endpoints {
  return endpoints({
    '/metrics': async (response, { headers }) => {
      const { hostname = '' } = URL.parse(`http://${headers.host ?? ''}`) ?? {}
      const isFromPage = headers.origin !== undefined || isOfOtherSite(headers['sec-fetch-site'])
      if (isFromPage) return refuse(response, 'The metrics are not for pages in a browser.')
      if (onlyByLoopbackName && !isLoopbackName(hostname)) {
        return refuse(
          response,
          'Expected a name of this machine, such as localhost, in Host. Set --admin-port.',
        )
      }
      answer(response, 200, metrics.contentType, await metrics.metrics())
    },
  })
}

/** Tries one after the other. */
export function firstOf(...each: readonly Endpoints[]): Endpoints {
  return (request, response) => each.some((attempt) => attempt(request, response))
}

/** What a server of nothing else does with its requests. */
export function onlyThese(these: Endpoints): RequestListener {
  return (request, response) => {
    if (!these(request, response)) {
      answer(response, 404, 'text/plain; charset=utf-8', 'There are /healthz, /readyz and /metrics.\n')
    }
  }
}

type Answer = (response: ServerResponse, request: IncomingMessage) => Promise<void>

function endpoints(answers: Readonly<Record<string, Answer>>): Endpoints {
  return (request, response) => {
    const { method, url = '' } = request
    const path = url.split('?', 1)[0] ?? ''
    const respond = Object.hasOwn(answers, path) ? answers[path] : undefined
    if (!respond) return false
    if (method === 'GET' || method === 'HEAD') {
      respond(response, request).catch(() => response.destroy())
    } else {
      response.setHeader('Allow', 'GET, HEAD')
      answer(response, 405, 'text/plain; charset=utf-8', 'Expected GET.\n')
    }
    return true
  }
}

function isOfOtherSite(fetchSite: string | string[] | undefined): boolean {
  return fetchSite === 'cross-site' || fetchSite === 'same-site'
}

function refuse(response: ServerResponse, reason: string): void {
  answer(response, 403, 'text/plain; charset=utf-8', `${reason}\n`)
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  // Node leaves the body out for HEAD.
  response.end(body)
}
