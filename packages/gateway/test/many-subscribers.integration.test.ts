import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openRawSocket, type RawSocket } from './raw-socket.ts'
import { serveSimulated, type SimulatedGateway } from './serve-simulated.ts'

const SUBSCRIBERS = 1_000
const OPERATIONS = 100

const query = `subscription ($location: String!) {
  teamsAsyncOperation(ref: { location: $location }) { location status isTerminal polling { revision } }
}`

interface Watched {
  readonly location: string
  readonly status: string
  readonly isTerminal: boolean
  readonly polling: { readonly revision: number }
}

let graph: SimulatedGateway
let sockets: RawSocket[]

beforeEach(async () => {
  graph = await serveSimulated()
  sockets = []
})

afterEach(async () => {
  for (const { socket } of sockets) socket.terminate()
  await graph.end()
})

/** Connects so many at a time that the queue of the operating system has room for them. */
async function connectAll(): Promise<void> {
  const batchSize = 50
  while (sockets.length < SUBSCRIBERS) {
    const batch = Array.from({ length: batchSize }, () => openRawSocket(graph.served.webSocketUrl))
    sockets.push(...(await Promise.all(batch)))
  }
}

/** The nth subscriber watches the nth operation, beginning anew when there are no more. */
async function subscribeAll(id: string, locations: readonly string[]): Promise<void> {
  for (const [n, { send }] of sockets.entries()) {
    const location = locations[n % locations.length]
    send({ id, type: 'subscribe', payload: { query, variables: { location } } })
  }
  const { gateway } = graph.served
  await vi.waitFor(() => expect(gateway.stats().subscriptions).toBe(SUBSCRIBERS), { timeout: 10_000 })
  expect(graph.operations.stats().followed).toBe(locations.length)
}

function isComplete({ messages }: RawSocket): boolean {
  return messages.at(-1)?.type === 'complete'
}

test('a thousand subscribers to a hundred operations each see the end of theirs, and leave nothing behind', async () => {
  const { served, simulator, operations, pass } = graph
  const locations = Array.from({ length: OPERATIONS }, (_, n) => {
    const outcome = n % 3 === 0 ? 'failed' : 'succeeded'
    return simulator.tenant.addOperation({ script: { inProgressMs: 1_000 * (10 + n), outcome } }).location
  })
  await connectAll()
  expect(served.gateway.openConnections).toBe(SUBSCRIBERS)
  await subscribeAll('1', locations)

  for (let seconds = 0; seconds < 600 && !sockets.every(isComplete); seconds += 10) await pass(10_000)
  await vi.waitFor(() => expect(sockets.filter(isComplete).length).toBe(SUBSCRIBERS), { timeout: 10_000 })

  for (const [n, { messages }] of sockets.entries()) {
    const place = n % OPERATIONS
    // The acknowledgement comes first, and completion last.
    const states = messages.slice(1, -1).map(({ type, payload }) => {
      expect(type).toBe('next')
      return (payload as { data: { teamsAsyncOperation: Watched } }).data.teamsAsyncOperation
    })
    const revisions = states.map(({ polling }) => polling.revision)
    expect(new Set(states.map(({ location }) => location))).toEqual(new Set([locations[place]]))
    expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b))
    expect(states.map(({ isTerminal }) => isTerminal)).toEqual(states.map((_, i) => i === states.length - 1))
    expect(states.at(-1)?.status).toBe(place % 3 === 0 ? 'FAILED' : 'SUCCEEDED')
  }

  const { deliveries, executions } = served.gateway.stats()
  // Each of what was sent was made once, for the ten who get it.
  expect(deliveries).toBe((executions * SUBSCRIBERS) / OPERATIONS)
  expect(served.gateway.stats()).toMatchObject({ subscriptions: 0, conflations: 0 })
  expect(operations.stats().followed).toBe(0)

  // What does not end by itself ends with those who watch it, however they leave.
  const stuck = Array.from({ length: OPERATIONS }, () =>
    simulator.tenant.addOperation({ script: { inProgressMs: Infinity } }),
  )
  await subscribeAll(
    '2',
    stuck.map(({ location }) => location),
  )
  for (const [n, { socket }] of sockets.entries()) {
    if (n % 2 === 0) socket.close()
    else socket.terminate()
  }
  await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0), { timeout: 10_000 })
  expect(served.gateway.stats()).toMatchObject({
    subscriptions: 0,
    connections: { websocket: 0 },
    connectionsOpened: { websocket: SUBSCRIBERS },
    connectionsClosed: { left: SUBSCRIBERS / 2, lost: SUBSCRIBERS / 2 },
  })
  expect(operations.stats().followed).toBe(0)
  expect(served.unexpected).toEqual([])
})
