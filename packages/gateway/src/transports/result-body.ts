import type { Clock } from '@teams-operations/core'
import type { ExecutionResult } from 'graphql'
import type { Session } from '../access/session.ts'
import { jsonOf } from '../execution/shared-result.ts'
import type { Connection, Connections, Place } from './connections.ts'
import { OpenBody, type TextSource } from './open-body.ts'

/** How the results of one operation are written into a response that stays open. */
export interface ResultFormat {
  readonly transport: Connection['transport']
  readonly contentType: string
  readonly opening: string
  readonly keepAlive: string
  /** @param json a result */
  next(json: string): string
  /** After the last result. */
  readonly complete: string
}

export interface ResultBodyOptions {
  readonly connections: Connections
  /** Where it is counted. */
  readonly place: Place
  readonly clock: Clock
  readonly keepAliveMs: number
  readonly session: Session
  /** The header `Origin`. */
  readonly origin: string | undefined
}

/**
 * The results of a subscription as a response.
 *
 * Yoga's own streams are not used because they end always as if the subscription was done: when the gateway
 * stops it is not, and only a stream that ends without saying so makes clients come back for the rest.
 */
export function respondWithResults(
  results: AsyncIterable<ExecutionResult>,
  format: ResultFormat,
  { connections, place, clock, keepAliveMs, session, origin }: ResultBodyOptions,
): Response {
  const { transport, contentType } = format
  const { signal, identity } = session
  const drain = (): void => body.close('drained')
  const expire = (): void => body.close('expired')
  const leave = (): void => body.abort('left')
  const terminate = (): void => body.abort('drained')
  let cancelOver = (): void => {}
  const texts = new FormattedResults(results, format)
  const connection: Connection = { transport, origin, session, drain, terminate }
  place.take(connection)
  const body = new OpenBody(texts, {
    ...format,
    clock,
    keepAliveMs,
    onEnd: (reason) => {
      signal.removeEventListener('abort', leave)
      cancelOver()
      connections.remove(connection, {
        reason: texts.isComplete ? 'done' : reason,
        bytesSent: body.sentBytes,
      })
    },
  })
  signal.addEventListener('abort', leave, { once: true })
  if (connections.isClosing) drain()
  else if (signal.aborted) leave()
  else cancelOver = identity.whenOver(expire)
  return respondWith(body, contentType)
}

export function respondWith({ stream }: OpenBody, contentType: string): Response {
  return new Response(stream, {
    headers: {
      'Content-Type': contentType,
      'Cache-Control': 'no-cache, no-transform',
      // For nginx, which would hold events back until its buffer is full.
      'X-Accel-Buffering': 'no',
    },
  })
}

class FormattedResults implements TextSource {
  readonly #results: AsyncIterator<ExecutionResult>
  readonly #format: ResultFormat
  #isComplete = false

  constructor(results: AsyncIterable<ExecutionResult>, format: ResultFormat) {
    this.#results = results[Symbol.asyncIterator]()
    this.#format = format
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    if (this.#isComplete) return { done: true, value: undefined }
    const result = await this.#results.next()
    if (!result.done) return { done: false, value: this.#format.next(jsonOf(result.value)) }
    this.#isComplete = true
    return { done: false, value: this.#format.complete }
  }

  return(): void {
    void this.#results.return?.()
  }
}
