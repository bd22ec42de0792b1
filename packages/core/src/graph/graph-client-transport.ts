import {
  RedirectHandlerOptions,
  ResponseType,
  RetryHandlerOptions,
  type Client,
} from '@microsoft/microsoft-graph-client'
import { DEFAULT_MAX_BODY_BYTES, readResponse } from './read-response.ts'
import type { Transport } from './transport.ts'

/**
 * Sends requests with an existing client of `@microsoft/microsoft-graph-client`: with its middleware and its
 * authentication, but without its retries and redirects, because a transport sends once.
 *
 * The client adds its token only for `https`, and only for the hosts of Microsoft Graph and those in its
 * `customHosts`. A request for an origin without TLS is refused, because the client would take the whole URL
 * for a path and send it to its own `baseUrl`. An opaque link with the same query parameter twice reaches
 * Graph with the last one only.
 */
export function graphClientTransport(client: Client): Transport {
  return {
    authenticates: true,
    async send({ url, method, headers, body }, signal) {
      if (!url.startsWith('https://')) {
        throw new TypeError(
          `Expected an https URL, got ${url}: a client of microsoft-graph-client sends no others, and its token nowhere else`,
        )
      }
      const request = client
        .api(url)
        .headers({ ...headers })
        .options({ signal, redirect: 'manual' })
        .middlewareOptions([new RetryHandlerOptions(0, 0), new RedirectHandlerOptions(0)])
        .responseType(ResponseType.RAW)
      const response: Response | undefined = await (method === 'GET' ? request.get() : request.post(body))
      if (!response) throw new Error('Expected a response, got none: a middleware of the client set none')
      return readResponse(response, url, DEFAULT_MAX_BODY_BYTES, signal)
    },
  }
}
