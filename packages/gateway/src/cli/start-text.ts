import type { Gateway } from '../gateway.ts'
import type { Graph } from './graph.ts'
import { suggestedSubscription } from './suggested-subscription.ts'

/** What to do next: where to go, and what to paste there. */
export function startText(
  origin: string,
  { description, runningLocation }: Graph,
  { isAuthenticated }: Pick<Gateway, 'isAuthenticated'>,
): string {
  const endpoint = `${origin}/graphql`
  const location = runningLocation()
  return `Following the operations of ${description} for ${isAuthenticated ? 'whoever has a token for it' : 'whoever asks'}.

  GraphiQL, in a browser                  ${endpoint}
  Queries, and server-sent events         ${endpoint}
  Subscriptions (graphql-transport-ws)    ${endpoint.replace('http', 'ws')}

${location ? 'Paste this into GraphiQL, and press play:' : 'Paste this into GraphiQL, with the Location of a 202 answer, and press play:'}

${suggestedSubscription(location ?? placeholder)}

Ctrl-C stops it.`
}

const placeholder = "/teams('{id of the team}')/operations('{id of the operation}')"
