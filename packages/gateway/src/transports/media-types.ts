/** Whether the client can read server-sent events, which is how subscriptions are answered over HTTP. */
export function acceptsEventStream(request: Request): boolean {
  return accepts(request, eventStreamRanges)
}

/** Whether the client can read a single answer as JSON. */
export function acceptsJson(request: Request): boolean {
  return accepts(request, jsonRanges)
}

/** Whether a request body is JSON. */
export function isJson(request: Request): boolean {
  const type = withoutParameters(request.headers.get('content-type') ?? '')
  return type === 'application/json' || type === 'application/graphql+json'
}

const eventStreamRanges: ReadonlySet<string> = new Set(['text/event-stream', 'text/*', '*/*'])
const jsonRanges: ReadonlySet<string> = new Set([
  'application/graphql-response+json',
  'application/json',
  'application/*',
  '*/*',
])

function accepts(request: Request, ranges: ReadonlySet<string>): boolean {
  const accept = request.headers.get('accept') ?? '*/*'
  return accept.split(',').some((range) => ranges.has(withoutParameters(range)))
}

function withoutParameters(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase()
}
