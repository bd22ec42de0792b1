import { textOf, type Reply } from './reply.ts'

/** What `fetch` rejects with when the connection breaks. */
export function connectionBroken(code: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(`The simulated connection was broken: ${code}`) })
}

/**
 * Hands an answer over as `fetch` does.
 *
 * @param signal ends a body that would never end by itself
 * @param onEnd called when such a body is over
 */
export function toResponse(reply: Reply, url: string, signal: AbortSignal, onEnd: () => void): Response {
  const text = textOf(reply.body)
  const init = { status: reply.status, headers: reply.headers }
  const response =
    reply.delivery === 'stalled' || reply.delivery === 'cut'
      ? new Response(brokenBody(text ?? '', reply.delivery, signal, onEnd), init)
      : new Response(text ?? null, init)
  Object.defineProperty(response, 'url', { value: url })
  return response
}

/** Half a body, and then an error or nothing more. */
function brokenBody(
  text: string,
  delivery: 'stalled' | 'cut',
  signal: AbortSignal,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  let halfSent = false
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener(
        'abort',
        () => {
          controller.error(signal.reason)
          onEnd()
        },
        { once: true },
      )
    },
    pull(controller) {
      if (!halfSent) {
        halfSent = true
        controller.enqueue(new TextEncoder().encode(text.slice(0, Math.max(1, Math.floor(text.length / 2)))))
      } else if (delivery === 'cut') {
        controller.error(connectionBroken('ECONNRESET'))
      } else {
        // Never resolves: nothing more comes until the client has had enough.
        return new Promise<void>(() => {})
      }
      return undefined
    },
    cancel: onEnd,
  })
}
