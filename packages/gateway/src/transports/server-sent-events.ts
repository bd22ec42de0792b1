import type { ResultFormat } from './result-body.ts'

/**
 * Server-sent events, as the "distinct connections mode" of the GraphQL over SSE protocol has them.
 *
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export const serverSentEvents: ResultFormat = {
  transport: 'sse',
  contentType: 'text/event-stream',
  // A comment.
  opening: ':\n\n',
  keepAlive: ':\n\n',
  next: (json) => event('next', json),
  complete: event('complete'),
}

/** An event for all browsers: without `data` they would not tell of it. */
export function event(name: 'next' | 'complete', data = ''): string {
  return `event: ${name}\ndata:${data && ` ${data}`}\n\n`
}
