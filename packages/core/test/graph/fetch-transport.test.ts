import { describe, expect, it, vi } from 'vitest'
import { fetchTransport } from '../../src/graph/fetch-transport.ts'
import type { GraphRequest } from '../../src/graph/transport.ts'

const get: GraphRequest = {
  method: 'GET',
  url: 'https://graph.microsoft.com/v1.0/teams',
  headers: { Authorization: 'Bearer token', Accept: 'application/json' },
}
const { signal } = new AbortController()

/** A body in chunks, that ends or does not. */
function body(
  chunks: readonly Uint8Array[],
  ending: 'ends' | 'hangs' = 'ends',
): { stream: ReadableStream<Uint8Array>; cancel: () => void } {
  const cancel = vi.fn()
  let index = 0
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[index++]
        if (chunk) controller.enqueue(chunk)
        else if (ending === 'ends') controller.close()
        else return new Promise(() => {})
        return undefined
      },
      cancel,
    },
    { highWaterMark: 0 },
  )
  return { stream, cancel }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('fetchTransport', () => {
  it('sends what it is given, with neither cookies nor a cache nor redirects', async () => {
    const fetch = vi.fn(async () => new Response('{}', { status: 202, headers: { 'request-id': '1' } }))
    const post: GraphRequest = { ...get, method: 'POST', body: '{"a":1}' }

    const response = await fetchTransport({ fetch }).send(post, signal)

    expect(fetch).toHaveBeenCalledExactlyOnceWith(post.url, {
      method: 'POST',
      headers: post.headers,
      body: '{"a":1}',
      signal,
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
    })
    expect(response).toMatchObject({ status: 202, body: '{}' })
    expect(response.headers.get('Request-Id')).toBe('1')
  })

  it('uses the fetch that is global when it sends, not when it was created', async () => {
    const transport = fetchTransport()
    vi.stubGlobal('fetch', async () => new Response('stubbed'))
    try {
      await expect(transport.send(get, signal)).resolves.toMatchObject({ body: 'stubbed' })
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('gives a redirect as the answer that it is', async () => {
    const headers = { Location: 'https://elsewhere.example/' }
    const fetch = vi.fn(async () => new Response(null, { status: 302, headers }))

    const response = await fetchTransport({ fetch }).send(get, signal)

    expect(response.status).toBe(302)
    expect(response.headers.get('Location')).toBe('https://elsewhere.example/')
    expect(fetch).toHaveBeenCalledOnce()
  })

  it('says so when a browser hides a redirect', async () => {
    const fetch = async (): Promise<Response> =>
      Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' })

    await expect(fetchTransport({ fetch }).send(get, signal)).rejects.toThrow(
      'Expected an answer from https://graph.microsoft.com, got a redirect; redirects are not followed',
    )
  })

  it('takes no body for an empty one', async () => {
    const fetch = async (): Promise<Response> => new Response(null, { status: 204 })

    await expect(fetchTransport({ fetch }).send(get, signal)).resolves.toMatchObject({ body: '' })
  })

  it('puts characters together that were cut apart on the way', async () => {
    const [first = 0, ...rest] = bytes('Zoë €')
    const { stream } = body([first, ...rest].map((byte) => Uint8Array.of(byte)))
    const fetch = async (): Promise<Response> => new Response(stream)

    await expect(fetchTransport({ fetch }).send(get, signal)).resolves.toMatchObject({ body: 'Zoë €' })
  })

  it('takes a body of the allowed length', async () => {
    const { stream } = body([bytes('12345'), bytes('678')])
    const fetch = async (): Promise<Response> => new Response(stream)

    await expect(fetchTransport({ fetch, maxBodyBytes: 8 }).send(get, signal)).resolves.toMatchObject({
      body: '12345678',
    })
  })

  it('cancels a longer one as soon as it is longer', async () => {
    const { stream, cancel } = body([bytes('12345'), bytes('6789'), bytes('more')], 'hangs')
    const fetch = async (): Promise<Response> => new Response(stream)

    await expect(fetchTransport({ fetch, maxBodyBytes: 8 }).send(get, signal)).rejects.toThrow(
      'Expected a body of at most 8 bytes, got a longer one',
    )
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('does not begin with a body that announces to be longer', async () => {
    const { stream, cancel } = body([bytes('1')], 'hangs')
    const headers = { 'Content-Length': '9' }
    const fetch = async (): Promise<Response> => new Response(stream, { headers })

    await expect(fetchTransport({ fetch, maxBodyBytes: 8 }).send(get, signal)).rejects.toThrow(
      /at most 8 bytes/,
    )
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('gives up on a body that never ends when the signal aborts, even if fetch does not', async () => {
    const { stream, cancel } = body([bytes('12345')], 'hangs')
    const fetch = async (): Promise<Response> => new Response(stream)
    const controller = new AbortController()
    const sent = fetchTransport({ fetch }).send(get, controller.signal)
    sent.catch(() => {})
    await new Promise(setImmediate)

    controller.abort(new Error('enough'))
    await expect(sent).rejects.toThrow('enough')
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('rejects with what fetch rejects with', async () => {
    const error = new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })

    await expect(fetchTransport({ fetch: () => Promise.reject(error) }).send(get, signal)).rejects.toBe(error)
  })
})
