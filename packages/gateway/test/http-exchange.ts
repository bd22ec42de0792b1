import { firstResult, type Exchange, type Refusal, type Result, type Start } from './exchange.ts'
import { partsIn } from './parts-in.ts'
import { openRawStream, type RawStream } from './raw-stream.ts'

/** @param accept what the response may be */
export function startByPost(accept: string): Start {
  const start: Start = async (served, request, authorization) => {
    const headers = { Accept: accept, 'Content-Type': 'application/json', ...headersOf(authorization) }
    const stream = await openRawStream(served.url, { method: 'POST', headers, body: JSON.stringify(request) })
    return exchangeOver(stream, async (another) => firstResult(await start(served, another, authorization)))
  }
  return start
}

export const startByGet: Start = async (served, request, authorization) => {
  const url = new URL(served.url)
  for (const [name, value] of Object.entries(request)) {
    url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  const headers = { Accept: 'application/graphql-response+json', ...headersOf(authorization) }
  const stream = await openRawStream(url.href, { method: 'GET', headers })
  return exchangeOver(stream, async (another) =>
    firstResult(await startByGet(served, another, authorization)),
  )
}

export function headersOf(authorization: string | undefined): Record<string, string> {
  return authorization === undefined ? {} : { Authorization: authorization }
}

function exchangeOver(stream: RawStream, askAnother: Exchange['askAnother']): Exchange {
  return {
    ...exchangeOn(stream),
    results: () => formatOf(stream).resultsIn(stream),
    refusal: () => refusalIn(stream),
    isComplete: () => formatOf(stream).isComplete(stream),
    askAnother,
  }
}

/** What every exchange on such a stream has in common. */
export function exchangeOn({
  socket,
  hasEnded,
}: RawStream): Pick<Exchange, 'hasEnded' | 'pause' | 'resume' | 'leave'> {
  return {
    hasEnded,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    leave: () => socket.destroy(),
  }
}

function refusalIn({ status, text, hasEnded }: RawStream): Refusal | undefined {
  const refusedWith = status() ?? 0
  return refusedWith >= 400 && hasEnded() ? { refusedWith, said: text() } : undefined
}

/** How results are written into a body. */
interface BodyFormat {
  readonly resultsIn: (stream: RawStream) => readonly Result[]
  readonly isComplete: (stream: RawStream) => boolean
}

const json: BodyFormat = {
  resultsIn: ({ text, hasEnded }) => (hasEnded() ? [JSON.parse(text()) as Result] : []),
  isComplete: ({ hasEnded }) => hasEnded(),
}

const events: BodyFormat = {
  resultsIn: ({ text }) =>
    eventsIn(text()).flatMap(({ event, data }) => (event === 'next' ? [data as Result] : [])),
  isComplete: ({ text }) => eventsIn(text()).some(({ event }) => event === 'complete'),
}

const parts: BodyFormat = {
  resultsIn: ({ text }) =>
    partsIn(text()).flatMap((part) => ('payload' in part ? [part.payload as Result] : [])),
  isComplete: ({ text }) => text().endsWith('\r\n--graphql--\r\n'),
}

const plainText: BodyFormat = { resultsIn: () => [], isComplete: ({ hasEnded }) => hasEnded() }

/** By what the response says that it is: a query is answered with JSON where a subscription is not. */
function formatOf({ head }: RawStream): BodyFormat {
  const [, type = ''] = /^content-type: ([^;\r]+)/im.exec(head()) ?? []
  return formats[type] ?? plainText
}

const formats: Readonly<Record<string, BodyFormat>> = {
  'application/json': json,
  'application/graphql-response+json': json,
  'text/event-stream': events,
  'multipart/mixed': parts,
}

export interface StreamEvent {
  readonly event: string
  readonly data: unknown
}

export function eventsIn(text: string): readonly StreamEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const [, event = '', data = ''] = /^event: (.+)\ndata: ?(.*)$/.exec(block) ?? []
      return event ? [{ event, data: data && (JSON.parse(data) as unknown) }] : []
    })
}
