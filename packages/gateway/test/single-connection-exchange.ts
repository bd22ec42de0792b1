import { vi } from 'vitest'
import { firstResult, refusedExchange, type AskedRequest } from './exchange.ts'
import type { Exchange, Result, Start } from './exchange.ts'
import { eventsIn, exchangeOn, headersOf, type StreamEvent } from './http-exchange.ts'
import { openRawStream } from './raw-stream.ts'
import { STREAM_TOKEN } from './reserve-stream.ts'

/** Reserves a stream, opens it, and has the results of requests sent over it. */
export const startOverSingleConnection: Start = async (served, request, authorization) => {
  const reservation = await fetch(served.url, { method: 'PUT', headers: headersOf(authorization) })
  const token = await reservation.text()
  if (!reservation.ok) return refusedExchange({ refusedWith: reservation.status, said: token })

  const headers = { ...headersOf(authorization), [STREAM_TOKEN]: token }
  const stream = await openRawStream(served.url, {
    method: 'GET',
    headers: { Accept: 'text/event-stream', ...headers },
  })
  // Before time passes that a reservation has until its stream is opened.
  await vi.waitUntil(() => stream.status(), { timeout: 20_000, interval: 2 })
  let asked = 0

  async function ask({ extensions, ...others }: AskedRequest): Promise<Exchange> {
    const operationId = `${++asked}`
    const body = { ...others, extensions: { ...extensions, operationId } }
    const response = await served.post(body, headers)
    const said = await response.text()
    if (!response.ok) {
      const refused = refusedExchange({ refusedWith: response.status, said })
      return { ...refused, leave: () => stream.socket.destroy() }
    }
    const events = (wanted: string): readonly object[] =>
      eventsIn(stream.text()).flatMap(({ event, data }) =>
        event === wanted && isOf(operationId, data) ? [data] : [],
      )
    return {
      ...exchangeOn(stream),
      results: () => events('next').map((data) => (data as { payload: Result }).payload),
      refusal: () => undefined,
      isComplete: () => events('complete').length > 0,
      // The stream stays, with what else is on it.
      askAnother: async (another) => firstResult({ ...(await ask(another)), leave() {} }),
    }
  }
  return ask(request)
}

function isOf(operationId: string, data: StreamEvent['data']): data is { readonly id: string } {
  return typeof data === 'object' && data !== null && 'id' in data && data.id === operationId
}
