import type { AskedRequest, Result } from './ask-over.ts'
import { partsIn } from './parts-in.ts'
import { openRawSocket, type Message } from './raw-socket.ts'
import { openRawStream, type RawStream } from './raw-stream.ts'
import { reserveStream, STREAM_TOKEN } from './reserve-stream.ts'
import type { ServedGateway } from './serve-gateway.ts'

/** A subscription as a client without a library sees it. */
export interface Subscription {
  /** What came so far. */
  results(): readonly Result[]
  /** Whether the gateway has said that there will be no more. */
  isComplete(): boolean
  /** Whether nothing more can come. */
  hasEnded(): boolean
  /** Sends another request over the same connection, where there is one for several. */
  sendAnother(request: AskedRequest): Promise<void>
  pause(): void
  resume(): void
  /** Leaves. */
  leave(): void
}

export type Subscribe = (served: ServedGateway, request: AskedRequest) => Promise<Subscription>

/** Everything that a subscription can come over. */
export const subscribeOver: Readonly<Record<string, Subscribe>> = {
  async WebSocket(served, payload) {
    const { socket, messages, send } = await openRawSocket(served.webSocketUrl)
    const subscribe = (id: string, request: AskedRequest): void =>
      send({ id, type: 'subscribe', payload: request })
    const mine = (): readonly Message[] => messages.filter(({ id }) => id === '1')
    subscribe('1', payload)
    return {
      results: () =>
        mine().flatMap(({ type, payload: result }) => {
          if (type === 'error') return [{ errors: result } as Result]
          return type === 'next' ? [result as Result] : []
        }),
      isComplete: () => mine().some(({ type }) => type === 'complete' || type === 'error'),
      hasEnded: () => socket.readyState === socket.CLOSED,
      sendAnother: async (request) => subscribe('2', request),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      leave: () => socket.terminate(),
    }
  },

  async 'server-sent events'(served, request) {
    const stream = await openRawStream(served.url, posted(request, 'text/event-stream'))
    return {
      ...ofStream(stream),
      results: () =>
        eventsIn(stream).flatMap(({ event, data }) => (event === 'next' ? [data as Result] : [])),
      isComplete: () => eventsIn(stream).some(({ event }) => event === 'complete'),
      sendAnother: async (another) =>
        void (await served.post(another, { Accept: 'text/event-stream' })).text(),
    }
  },

  async 'server-sent events with a single connection'(served, request) {
    const token = await reserveStream(served)
    const stream = await openRawStream(served.url, {
      method: 'GET',
      headers: { Accept: 'text/event-stream', [STREAM_TOKEN]: token },
    })
    const start = async (operationId: string, { extensions, ...others }: AskedRequest): Promise<void> => {
      const body = { ...others, extensions: { ...extensions, operationId } }
      await (await served.post(body, { [STREAM_TOKEN]: token })).text()
    }
    const mine = (): readonly StreamEvent[] =>
      eventsIn(stream).filter(({ data }) => (data as { id: string }).id === '1')
    await start('1', request)
    return {
      ...ofStream(stream),
      results: () =>
        mine().flatMap(({ event, data }) =>
          event === 'next' ? [(data as { payload: Result }).payload] : [],
        ),
      isComplete: () => mine().some(({ event }) => event === 'complete'),
      sendAnother: (another) => start('2', another),
    }
  },

  async multipart(served, request) {
    const accept = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json'
    const stream = await openRawStream(served.url, posted(request, accept))
    return {
      ...ofStream(stream),
      results: () =>
        partsIn(stream.text()).flatMap((part) => ('payload' in part ? [part.payload as Result] : [])),
      isComplete: () => stream.text().endsWith('\r\n--graphql--\r\n'),
      sendAnother: async (another) => void (await served.post(another, { Accept: accept })).text(),
    }
  },
}

function posted(request: AskedRequest, accept: string): Parameters<typeof openRawStream>[1] {
  return {
    method: 'POST',
    headers: { Accept: accept, 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
  }
}

function ofStream({
  socket,
  hasEnded,
}: RawStream): Pick<Subscription, 'hasEnded' | 'pause' | 'resume' | 'leave'> {
  return {
    hasEnded,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    leave: () => socket.destroy(),
  }
}

interface StreamEvent {
  readonly event: string
  readonly data: unknown
}

function eventsIn(stream: RawStream): readonly StreamEvent[] {
  return stream
    .text()
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const [, event = '', data = ''] = /^event: (.+)\ndata: ?(.*)$/.exec(block) ?? []
      return event ? [{ event, data: data && (JSON.parse(data) as unknown) }] : []
    })
}
