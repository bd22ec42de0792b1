/** Whether the client can read server-sent events, which is how subscriptions are answered over HTTP. */
export function acceptsEventStream(request: Request): boolean {
  const accept = request.headers.get('accept') ?? '*/*'
  return accept.split(',').some((range) => eventStreamRanges.has(withoutParameters(range)))
}

/** Whether a request body is JSON. */
export function isJson(request: Request): boolean {
  const type = withoutParameters(request.headers.get('content-type') ?? '')
  return type === 'application/json' || type === 'application/graphql+json'
}

const eventStreamRanges: ReadonlySet<string> = new Set(['text/event-stream', 'text/*', '*/*'])

function withoutParameters(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase()
}
