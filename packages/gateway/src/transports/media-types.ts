/** What subscriptions can be answered with over HTTP. */
export type StreamType = 'text/event-stream' | 'multipart/mixed'

/** Which of them the client can read, and names first; `undefined` for none. */
export function acceptedStreamType(request: Request): StreamType | undefined {
  for (const range of acceptedRanges(request)) {
    if (eventStreamRanges.has(withoutParameters(range))) return 'text/event-stream'
    if (withoutParameters(range) === 'multipart/mixed' && multipartSpec.test(range)) return 'multipart/mixed'
  }
  return undefined
}

/** Whether the client asks for server-sent events by name. */
export function asksForEvents(request: Request): boolean {
  return acceptedRanges(request).some((range) => withoutParameters(range) === 'text/event-stream')
}

/** Whether the client can read a single answer as JSON. */
export function acceptsJson(request: Request): boolean {
  return acceptedRanges(request).some((range) => jsonRanges.has(withoutParameters(range)))
}

/** The type of a single answer as JSON: the newer one for who asks for it before others. */
export function jsonTypeFor(request: Request): string {
  const first = acceptedRanges(request)
    .map(withoutParameters)
    .find((range) => jsonRanges.has(range))
  const type = first === GRAPHQL_RESPONSE ? GRAPHQL_RESPONSE : 'application/json'
  return `${type}; charset=utf-8`
}

/** Whether a request body is JSON. */
export function isJson(request: Request): boolean {
  const type = withoutParameters(request.headers.get('content-type') ?? '')
  return type === 'application/json' || type === 'application/graphql+json'
}

const GRAPHQL_RESPONSE = 'application/graphql-response+json'
const eventStreamRanges: ReadonlySet<string> = new Set(['text/event-stream', 'text/*', '*/*'])
/** Without it, parts are for what `@defer` leaves for later. */
const multipartSpec = /;\s*subscriptionSpec\s*=\s*"?1\.0"?\s*(?:;|$)/i
const jsonRanges: ReadonlySet<string> = new Set([
  GRAPHQL_RESPONSE,
  'application/json',
  'application/*',
  '*/*',
])

function acceptedRanges(request: Request): readonly string[] {
  return (request.headers.get('accept') ?? '*/*').split(',')
}

function withoutParameters(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase()
}
