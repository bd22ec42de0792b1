import { openRawSocket } from './raw-socket.ts'
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

  WebSocket: async (served, request) => {
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send({ id: '1', type: 'subscribe', payload: request })
    const { type, payload } = await socket.receive(({ id }) => id === '1')
    socket.socket.terminate()
    return type === 'error' ? { errors: payload as never } : (payload as Result)
  },
}
