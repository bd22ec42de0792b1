import type { SimulatedRequest } from './exchange.ts'

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface FetchRequest extends SimulatedRequest {
  readonly redirect: RequestRedirect
  readonly signal: AbortSignal | undefined
}

/**
 * Reads what `fetch` was called with, as `fetch` does. A `Request` is only built where one was given: it
 * costs more than all the rest of an answer.
 *
 * @throws {TypeError} for what `fetch` does not take either
 */
export async function readRequest(
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<FetchRequest> {
  if (input instanceof Request) {
    const request = new Request(input, init)
    const { url, method, headers, redirect, signal } = request
    return {
      url: new URL(url),
      method,
      headers: headersOf(headers),
      redirect,
      signal,
      body: await request.text(),
    }
  }
  const url = new URL(input)
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${url.host}`)
  }
  const headers = new Headers(init.headers)
  const body = await textOfBody(init.body, headers)
  return {
    url,
    method: (init.method ?? 'GET').toUpperCase(),
    headers: headersOf(headers),
    body,
    redirect: init.redirect ?? 'follow',
    signal: init.signal ?? undefined,
  }
}

async function textOfBody(body: BodyInit | null | undefined, headers: Headers): Promise<string> {
  if (body === null || body === undefined) return ''
  const contentType = typeof body === 'string' ? 'text/plain;charset=UTF-8' : undefined
  if (contentType !== undefined && !headers.has('content-type')) headers.set('content-type', contentType)
  return typeof body === 'string' ? body : new Response(body).text()
}

function headersOf(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(headers)
}
