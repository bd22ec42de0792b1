import type { Clock } from '@teams-operations/core'
import type { ExecutionResult } from 'graphql'
import type { Connections } from './connections.ts'

export interface EventStreamOptions {
  readonly connections: Connections
  readonly clock: Clock
  readonly keepAliveMs: number
  /** Aborted when the client has left. */
  readonly signal: AbortSignal
}

/**
 * Results as server-sent events, as the "distinct connections mode" of the GraphQL over SSE protocol has
 * them: `next` for each, then `complete`. A comment every now and then keeps the connection alive.
 *
 * Yoga's own stream is not used because it ends every stream with `complete`: when the gateway stops, the
 * subscription is not done, and only a stream that ends without makes clients come back for the rest.
 *
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export function eventStream(
  source: AsyncIterable<ExecutionResult>,
  { connections, clock, keepAliveMs, signal }: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const results = source[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  let ended = false
  let cancelKeepAlive = (): void => {}
  let forget = (): void => {}

  /** Nothing is left behind: no timer, no subscription. */
  function end(): void {
    if (ended) return
    ended = true
    cancelKeepAlive()
    forget()
    void results.return?.()
  }

  return new ReadableStream({
    start(controller) {
      const close = (): void => {
        if (ended) return
        end()
        controller.close()
      }
      const keepAlive = (): void => {
        // Without demand there is something unread that keeps the connection alive as well.
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(COMMENT))
        cancelKeepAlive = clock.timer(keepAliveMs, keepAlive)
      }
      forget = connections.add({ transport: 'sse', close, terminate: close })
      signal.addEventListener('abort', close, { once: true })
      if (signal.aborted || connections.isClosing) return close()
      // Some clients wait for the first bytes before they consider the connection open.
      controller.enqueue(encoder.encode(COMMENT))
      cancelKeepAlive = clock.timer(keepAliveMs, keepAlive)
    },
    async pull(controller) {
      const { done, value } = await results.next()
      if (ended) return
      if (!done) {
        controller.enqueue(encoder.encode(`event: next\ndata: ${JSON.stringify(value)}\n\n`))
        return
      }
      controller.enqueue(encoder.encode('event: complete\ndata:\n\n'))
      end()
      controller.close()
    },
    cancel: end,
  })
}

const COMMENT = ':\n\n'
