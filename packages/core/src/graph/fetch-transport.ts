import { DEFAULT_MAX_BODY_BYTES, readResponse } from './read-response.ts'
import type { Transport } from './transport.ts'

export interface FetchTransportOptions {
  /** Another `fetch`, such as a simulator's or one with a proxy. @default the global one */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
  /** A longer body is cancelled, and the request counts as broken. @default 8 MiB */
  readonly maxBodyBytes?: number | undefined
}

/**
 * Sends requests with `fetch`. A redirect is an answer like any other: followed by `fetch`, it would take
 * the token along within an origin, and leave the configured one without it.
 */
export function fetchTransport({
  fetch: send = (url, init) => fetch(url, init),
  maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
}: FetchTransportOptions = {}): Transport {
  return {
    async send({ url, method, headers, body }, signal) {
      const response = await send(url, {
        method,
        headers,
        body: body ?? null,
        signal,
        redirect: 'manual',
        // A browser would add cookies and might answer out of its cache.
        credentials: 'omit',
        cache: 'no-store',
      })
      return readResponse(response, url, maxBodyBytes, signal)
    },
  }
}
