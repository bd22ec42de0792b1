import { vi } from 'vitest'
import { openRawSocket } from './raw-socket.ts'
import { partsIn } from './parts-in.ts'
import { openRawStream } from './raw-stream.ts'
import { reserveStream, STREAM_TOKEN } from './reserve-stream.ts'
import type { ServedGateway } from './serve-gateway.ts'

export interface AskedRequest {
  readonly query?: string
  readonly variables?: object
  readonly documentId?: string
  readonly extensions?: object
}

export interface Result {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: object }[]
}

/** Gives the first answer to a request. */
export type Ask = (served: ServedGateway, request: AskedRequest) => Promise<Result>

/** Everything that a request can come over. */
export const askOver: Readonly<Record<string, Ask>> = {
  'HTTP POST': async (served, request) => (await served.post(request)).json() as Promise<Result>,

  'HTTP GET': async (served, request) => {
    const url = new URL(served.url)
    for (const [name, value] of Object.entries(request)) {
      url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    }
    const response = await fetch(url, { headers: { Accept: 'application/graphql-response+json' } })
    return (await response.json()) as Result
  },

  'server-sent events': async (served, request) => {
    const response = await served.post(request, { Accept: 'text/event-stream' })
    const text = await response.text()
    // What is refused before there is a stream of results is not one.
    const [, json = text] = /^event: next\ndata: (.+)$/m.exec(text) ?? []
    return JSON.parse(json) as Result
  },

  'server-sent events with a single connection': async (served, request) => {
    const token = await reserveStream(served)
    const extensions = { ...request.extensions, operationId: '1' }
    const response = await served.post({ ...request, extensions }, { [STREAM_TOKEN]: token })
    if (response.status !== 202) return (await response.json()) as Result
    const { socket, text } = await openRawStream(served.url, {
      method: 'GET',
      headers: { Accept: 'text/event-stream', [STREAM_TOKEN]: token },
    })
    try {
      const [, data = ''] = await vi.waitUntil(() => /^event: next\ndata: (.+)\n\n/m.exec(text()))
      return (JSON.parse(data) as { payload: Result }).payload
    } finally {
      socket.destroy()
    }
  },

  // Only subscriptions are answered with parts.
  multipart: async (served, request) => {
    const accept = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json'
    const response = await served.post(request, { Accept: accept })
    const text = await response.text()
    if (response.headers.get('content-type')?.startsWith('application/json'))
      return JSON.parse(text) as Result
    const [first] = partsIn(text)
    return (first as { payload: Result }).payload
  },

  WebSocket: async (served, request) => {
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send({ id: '1', type: 'subscribe', payload: request })
    const { type, payload } = await socket.receive(({ id }) => id === '1')
    socket.socket.terminate()
    return type === 'error' ? { errors: payload as never } : (payload as Result)
  },
}
