// A well-behaved client, in a process of its own: it must not notice anything.
import { WebSocket } from 'ws'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { locationOf } from '../scripted-operations.ts'

/** What a subscriber got to see. */
export interface BystanderReport {
  readonly states: number
  /** The longest that nothing came, in milliseconds. */
  readonly longestGapMs: number
  readonly isOrdered: boolean
  readonly isComplete: boolean
  readonly problems: readonly string[]
}

const url = String(process.argv[2])
const webSocket = createWebSocketClient({
  url: url.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  lazy: false,
  retryAttempts: 0,
})
const sse = createSseClient({ url, retryAttempts: 0 })
const query = `subscription ($location: String!) {
  teamsAsyncOperation(ref: { location: $location }) { status polling { revision } }
}`

interface Data {
  readonly teamsAsyncOperation: { readonly polling: { readonly revision: number } }
}

function follow(client: typeof webSocket | typeof sse): () => BystanderReport {
  let states = 0
  let longestGapMs = 0
  let lastAt: number | undefined
  let lastRevision = 0
  let isOrdered = true
  let isComplete = false
  const problems: string[] = []
  client.subscribe(
    { query, variables: { location: locationOf(1) } },
    {
      next(result: { readonly data?: Data | null | undefined }) {
        const now = performance.now()
        if (lastAt !== undefined) longestGapMs = Math.max(longestGapMs, now - lastAt)
        lastAt = now
        states += 1
        const revision = result.data?.teamsAsyncOperation.polling.revision
        if (revision === undefined) problems.push(JSON.stringify(result))
        else if (revision <= lastRevision) isOrdered = false
        lastRevision = revision ?? lastRevision
      },
      error: (error: unknown) =>
        problems.push(error instanceof Error ? error.message : JSON.stringify(error)),
      complete: () => (isComplete = true),
    },
  )
  return () => ({ states, longestGapMs, isOrdered, isComplete, problems })
}

const reports = [follow(webSocket), follow(sse)]
process.on('message', () => process.send?.(reports.map((report) => report())))
process.on('disconnect', () => process.exit())
process.send?.('following')
