import { once } from 'node:events'
import type { Result } from './ask-over.ts'
import { connectRawSocket, openRawSocket, type RawSocket } from './raw-socket.ts'
import type { ServedGateway } from './serve-gateway.ts'

/** What came of asking with a token, or without. */
export type Outcome =
  | { readonly result: Result }
  | {
      /** The status of HTTP, or the close code of the WebSocket. */
      readonly refusedWith: number
      /** All that was said about it. */
      readonly said: string
    }

/** Asks a query or a subscription, as whoever the header `Authorization` is of. */
export type Attempt = (served: ServedGateway, query: string, authorization?: string) => Promise<Outcome>

/** Everything that a token can come over. */
export const attemptOver: Readonly<Record<string, Attempt>> = {
  'HTTP POST': async (served, query, authorization) =>
    outcomeOf(await served.post({ query }, headersOf(authorization))),

  'HTTP GET': async (served, query, authorization) => {
    const url = `${served.url}?${new URLSearchParams({ query })}`
    const headers = { Accept: 'application/graphql-response+json', ...headersOf(authorization) }
    return outcomeOf(await fetch(url, { headers }))
  },

  'server-sent events': async (served, query, authorization) =>
    outcomeOf(await served.post({ query }, { Accept: 'text/event-stream', ...headersOf(authorization) })),

  'connection_init of WebSocket': (served, query, authorization) =>
    askSocket(connectRawSocket(served.webSocketUrl), query, authorization && { authorization }),

  'the header of the upgrade to WebSocket': (served, query, authorization) =>
    askSocket(connectRawSocket(served.webSocketUrl, { headers: headersOf(authorization) }), query),
}

/** A WebSocket that belongs to whom the token is of. */
export function openSocketOf(served: ServedGateway, token: string): Promise<RawSocket> {
  return openRawSocket(served.webSocketUrl, {}, { authorization: `Bearer ${token}` })
}

function headersOf(authorization: string | undefined): Record<string, string> {
  return authorization === undefined ? {} : { Authorization: authorization }
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const isStream = response.headers.get('content-type') === 'text/event-stream'
  const text = isStream ? await firstEvent(response) : await response.text()
  if (!response.ok) return { refusedWith: response.status, said: text }
  return { result: JSON.parse(text) as Result }
}

/** Leaves after that: a subscription may go on for ever. */
async function firstEvent({ body }: Response): Promise<string> {
  let text = ''
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString()
    const [, json] = /^event: next\ndata: (.+)\n\n/m.exec(text) ?? []
    if (json !== undefined) return json
  }
  throw new Error(`Expected an event, got ${text}`)
}

async function askSocket(
  raw: RawSocket,
  query: string,
  connectionParams?: object | string,
): Promise<Outcome> {
  await once(raw.socket, 'open')
  raw.send({ type: 'connection_init', payload: connectionParams })
  try {
    await raw.receive(({ type }) => type === 'connection_ack')
  } catch {
    const { code, reason } = await raw.closed()
    return { refusedWith: code, said: reason + JSON.stringify(raw.messages) }
  }
  raw.send({ id: '1', type: 'subscribe', payload: { query } })
  const { type, payload } = await raw.receive(({ id }) => id === '1')
  raw.socket.terminate()
  return { result: type === 'error' ? { errors: payload as never } : (payload as Result) }
}
