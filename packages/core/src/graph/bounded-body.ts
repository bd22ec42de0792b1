/** The parts of a `Response` that its body is read from. */
export interface BodySource {
  readonly headers: { get(name: string): string | null }
  readonly body: ReadableStream<Uint8Array> | null
}

/**
 * Reads a body as UTF-8 text, at most `maxBytes` of it: what is longer is no answer of Graph, and is
 * cancelled instead of collected. Rejects as soon as `signal` aborts, also while the body never ends.
 */
export async function readBoundedBody(
  { headers, body }: BodySource,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
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
