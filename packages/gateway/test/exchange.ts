import { vi } from 'vitest'
import type { ServedGateway } from './serve-gateway.ts'

export interface AskedRequest {
  readonly query?: string
  readonly operationName?: string
  readonly variables?: object
  readonly documentId?: string
  readonly extensions?: object
}

export interface Result {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: object }[]
}

export interface Refusal {
  /** The status of HTTP, or the close code of the WebSocket. */
  readonly refusedWith: number
  /** All that was said about it. */
  readonly said: string
}

/** A request and what comes of it, as a client without a library sees it. */
export interface Exchange {
  /** What came so far. */
  results(): readonly Result[]
  /** With what it was refused. Over HTTP, that may have a result for a body. */
  refusal(): Refusal | undefined
  /** Whether the gateway has said that there will be no more. */
  isComplete(): boolean
  /** Whether nothing more can come. */
  hasEnded(): boolean
  /** The first result of another request: over the same connection, where there is one for several. */
  askAnother(request: AskedRequest): Promise<Result>
  pause(): void
  resume(): void
  /** Leaves. */
  leave(): void
}

/** @param authorization the header of that name */
export type Start = (
  served: ServedGateway,
  request: AskedRequest,
  authorization?: string,
) => Promise<Exchange>

/** One that was over before it began. */
export function refusedExchange(refusal: Refusal): Exchange {
  return {
    results: () => (refusal.said.startsWith('{') ? [JSON.parse(refusal.said) as Result] : []),
    refusal: () => refusal,
    isComplete: () => false,
    hasEnded: () => true,
    askAnother: () => Promise.reject(new Error(`Expected a connection, got ${refusal.said}`)),
    pause() {},
    resume() {},
    leave() {},
  }
}

/** What came of it first. */
export function outcomeOf({ refusal, results }: Exchange): Promise<Refusal | { readonly result: Result }> {
  return vi.waitUntil(
    () => {
      const [result] = results()
      return refusal() ?? (result && { result })
    },
    { timeout: 20_000, interval: 2 },
  )
}

/** The first result. Leaves then: a subscription may go on for ever. */
export async function firstResult(exchange: Exchange): Promise<Result> {
  const outcome = await outcomeOf(exchange)
  const [result] = exchange.results()
  exchange.leave()
  if (result) return result
  throw new Error(`Expected a result, got ${JSON.stringify(outcome)}`)
}
