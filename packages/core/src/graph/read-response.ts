import type { GraphResponse } from './transport.ts'

/** Twenty operations have about 20 kB, a page of a list less than 1 MB. */
export const DEFAULT_MAX_BODY_BYTES = 8_388_608

/**
 * What came over the network as the answer to a request for `url`: all of it, or a rejection.
 *
 * @param maxBodyBytes a longer body is no answer of Graph, and is cancelled instead of collected
 * @param signal gives up on a body that never ends
 */
export async function readResponse(
  response: Response,
  url: string,
  maxBodyBytes: number,
  signal: AbortSignal,
): Promise<GraphResponse> {
  // All that a browser tells of a redirect that it does not follow.
  if (response.type === 'opaqueredirect') {
    throw new Error(
      `Expected an answer from ${new URL(url).origin}, got a redirect; redirects are not followed`,
    )
  }
  const { status, headers } = response
  return { status, headers, body: await readBody(response, maxBodyBytes, signal) }
}

async function readBody({ headers, body }: Response, maxBytes: number, signal: AbortSignal): Promise<string> {
  if (!body) return ''
  const reader = body.getReader()
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', cancel, { once: true })
  try {
    signal.throwIfAborted()
    if (Number(headers.get('Content-Length')) > maxBytes) throw tooLong(maxBytes)
    const decoder = new TextDecoder()
    let text = ''
    let bytes = 0
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return text + decoder.decode()
      bytes += value.byteLength
      if (bytes > maxBytes) throw tooLong(maxBytes)
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    cancel()
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

function tooLong(maxBytes: number): Error {
  return new Error(`Expected a body of at most ${maxBytes} bytes, got a longer one`)
}
