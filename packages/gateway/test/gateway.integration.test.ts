import { latency, throttle } from '@teams-operations/simulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openRawSocket, type RawSocket } from './raw-socket.ts'
import { serveSimulated, type SimulatedGateway } from './serve-simulated.ts'

let graph: SimulatedGateway
let simulator: SimulatedGateway['simulator']
let operations: SimulatedGateway['operations']
let served: SimulatedGateway['served']
let pass: SimulatedGateway['pass']

beforeEach(async () => {
  graph = await serveSimulated()
  ;({ simulator, operations, served, pass } = graph)
})

afterEach(async () => {
  await graph.end()
})

const watch = `subscription ($location: String!, $everyCheck: Boolean! = false) {
  teamsAsyncOperation(ref: { location: $location }, everyCheck: $everyCheck) {
    status operationType attemptsCount error { code message }
    polling { revision checks problem { code } }
  }
}`

interface Watched {
  readonly teamsAsyncOperation: {
    readonly status: string
    readonly operationType: string
    readonly error: { readonly code: string; readonly message: string } | null
    readonly polling: {
      readonly revision: number
      readonly checks: number
      readonly problem: { readonly code: string } | null
    }
  }
}

function statesIn(socket: RawSocket, subscription = '1'): readonly Watched['teamsAsyncOperation'][] {
  return socket.messages
    .filter(({ id, type }) => id === subscription && type === 'next')
    .map(({ payload }) => (payload as { data: Watched }).data.teamsAsyncOperation)
}

async function follow(location: string, everyCheck = false): Promise<RawSocket> {
  const socket = await openRawSocket(served.webSocketUrl)
  socket.send({ id: '1', type: 'subscribe', payload: { query: watch, variables: { location, everyCheck } } })
  await vi.waitFor(() => expect(operations.stats().followed).toBeGreaterThan(0))
  await pass(1_000)
  await socket.receive(({ type }) => type === 'next')
  return socket
}

test('a plain graphql-ws client sees every state of an operation until the end', async () => {
  const { location } = simulator.tenant.addOperation({
    script: {
      steps: [
        { status: 'notStarted', forMs: 40_000 },
        { status: 'inProgress', forMs: 40_000 },
      ],
    },
  })
  const statuses: string[] = []
  const iterator = served.webSocketClient().iterate<Watched>({ query: watch, variables: { location } })
  const done = (async () => {
    for await (const { data } of iterator) statuses.push(data?.teamsAsyncOperation.status ?? '')
  })()
  await vi.waitFor(() => expect(operations.stats().followed).toBe(1))
  await pass(120_000)
  await done
  expect(statuses).toEqual(['NOT_STARTED', 'IN_PROGRESS', 'SUCCEEDED'])
})

test('an operation that failed is data, and its subscription completes', async () => {
  const { location } = simulator.tenant.addOperation({
    script: {
      inProgressMs: 5_000,
      outcome: 'failed',
      error: { code: 'Locked', message: 'The site is locked.' },
    },
  })
  const socket = await follow(location)
  await pass(60_000)
  await socket.receive(({ type }) => type === 'complete')
  expect(statesIn(socket).at(-1)).toMatchObject({
    status: 'FAILED',
    error: { code: 'Locked', message: 'The site is locked.' },
  })
  socket.socket.terminate()
})

test('who joins late gets the current state at once, and nobody causes another check', async () => {
  const operation = simulator.tenant.addOperation({ script: { inProgressMs: 100_000 } })
  const first = await follow(operation.location)
  await pass(10_000)
  const { checks } = operations.stats()
  const others = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const socket = await openRawSocket(served.webSocketUrl)
      socket.send({
        id: '1',
        type: 'subscribe',
        payload: { query: watch, variables: { location: operation.location } },
      })
      await socket.receive(({ type }) => type === 'next')
      return socket
    }),
  )
  expect(operations.stats().checks).toEqual(checks)
  await pass(130_000)
  for (const socket of [first, ...others]) {
    await socket.receive(({ type }) => type === 'complete')
    expect(statesIn(socket).map(({ status }) => status)).toEqual(['IN_PROGRESS', 'SUCCEEDED'])
    socket.socket.terminate()
  }
})

test('everyCheck sends a sign of life after every check, with what is wrong', async () => {
  const operation = simulator.tenant.addOperation({ script: { inProgressMs: 1_000_000 } })
  const socket = await follow(operation.location, true)
  const stopThrottling = simulator.use(throttle({ retryAfter: '5' }))
  await pass(45_000)
  stopThrottling()
  await pass(90_000)
  const states = statesIn(socket)
  expect(states.length).toBeGreaterThan(3)
  expect(states.map(({ polling }) => polling.revision)).toEqual(states.map(() => 1))
  const checks = states.map(({ polling }) => polling.checks)
  expect(checks).toEqual(checks.toSorted((a, b) => a - b))
  expect(states.map(({ polling }) => polling.problem?.code)).toContain('THROTTLED')
  expect(states.at(-1)?.polling.problem).toBeNull()
  socket.socket.terminate()
  await vi.waitFor(() => expect(operations.stats().followed).toBe(0))
})

test('an operation that Graph forgets ends its subscription with a GraphQL error', async () => {
  const operation = simulator.tenant.addOperation({
    startedAgoMs: 600_000,
    script: { inProgressMs: 1_000_000 },
  })
  const socket = await follow(operation.location)
  operation.purge()
  await pass(180_000)
  const { payload } = await socket.receive(({ type }) => type === 'error')
  expect(payload).toMatchObject([{ extensions: { code: 'OPERATION_LOST', requestId: expect.any(String) } }])
  socket.socket.terminate()
})

test('a query whose client leaves is given up, without a word in the log', async () => {
  // Time stands still, so that the answer does not come.
  simulator.use(latency(1_000))
  const { location } = simulator.tenant.addOperation({})
  const query = `{ teamsAsyncOperation(ref: { location: "${location}" }) { status } }`
  const leaving = new AbortController()
  const answer = fetch(served.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: leaving.signal,
  })
  const socket = await openRawSocket(served.webSocketUrl)
  socket.send({ id: '1', type: 'subscribe', payload: { query } })
  await vi.waitFor(() => expect(operations.stats().followed).toBe(1))
  leaving.abort()
  await expect(answer).rejects.toThrow('aborted')
  socket.socket.terminate()
  await vi.waitFor(() => expect(operations.stats().followed).toBe(0))
  await pass(1_000)
  expect(served.unexpected).toEqual([])
})

test('operations of teams and chats are followed together until the last is done', async () => {
  const team = simulator.tenant.addOperation({ script: { inProgressMs: 5_000 } })
  const { id: chatId } = simulator.tenant.addChat({})
  const chat = simulator.tenant.addOperation({ chatId, script: { inProgressMs: 50_000 } })
  const socket = await openRawSocket(served.webSocketUrl)
  const refs = [{ location: team.location }, { chat: { chatId, operationId: chat.id } }]
  socket.send({
    id: '1',
    type: 'subscribe',
    payload: {
      query: `subscription ($refs: [TeamsAsyncOperationRef!]!) {
        teamsAsyncOperations(refs: $refs) { location status }
      }`,
      variables: { refs },
    },
  })
  await vi.waitFor(() => expect(operations.stats().followed).toBe(2))
  await pass(100_000)
  await socket.receive(({ type }) => type === 'complete')
  const seen = socket.messages.flatMap(({ payload }) => {
    const result = payload as
      { data: { teamsAsyncOperations: { location: string; status: string } } } | undefined
    return result ? [result.data.teamsAsyncOperations] : []
  })
  for (const { location } of [team, chat]) {
    expect(seen.findLast((each) => each.location === location)?.status).toBe('SUCCEEDED')
  }
  socket.socket.terminate()
})

describe('the list of operations', () => {
  const query = `query ($teamId: ID!, $first: Int, $after: String) {
    teamsAsyncOperations(of: { teamId: $teamId }, first: $first, after: $after) {
      edges { cursor node { id location polling { revision checks } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`

  interface Page {
    readonly edges: {
      readonly cursor: string
      readonly node: { readonly id: string; readonly location: string }
    }[]
    readonly pageInfo: {
      readonly hasNextPage: boolean
      readonly hasPreviousPage: boolean
      readonly startCursor: string | null
      readonly endCursor: string | null
    }
  }

  async function ask(
    variables: object,
  ): Promise<{ page: Page; errors: { extensions: object }[] | undefined }> {
    const response = served.post({ query, variables })
    const { data, errors } = await graph.settle(response.then((answer) => answer.json() as Promise<Answer>))
    return { page: data?.teamsAsyncOperations as Page, errors }
  }

  interface Answer {
    readonly data: { readonly teamsAsyncOperations: Page } | null
    readonly errors?: { extensions: object }[]
  }

  test('comes in pages, each operation once, also when others are added meanwhile', async () => {
    const team = simulator.tenant.addTeam({})
    const ids = Array.from({ length: 25 }, () => simulator.tenant.addOperation({ teamId: team.id }).id)
    const seen: string[] = []
    let after: string | null = null
    do {
      const { page }: { page: Page } = await ask({ teamId: team.id, first: 10, after })
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null)
      expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor)
      seen.push(...page.edges.map(({ node }) => node.id))
      simulator.tenant.addOperation({ teamId: team.id })
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(ids))
  })

  test('has 20 operations in a page unless told otherwise, and follows none of them', async () => {
    const team = simulator.tenant.addTeam({})
    for (let i = 0; i < 21; i++) simulator.tenant.addOperation({ teamId: team.id })
    const { page } = await ask({ teamId: team.id })
    expect(page.edges).toHaveLength(20)
    expect(page.pageInfo.hasNextPage).toBe(true)
    expect(page.edges[0]?.node).toMatchObject({ polling: { revision: 0, checks: 0 } })
    expect(operations.stats().followed).toBe(0)
  })

  test('may be empty', async () => {
    const team = simulator.tenant.addTeam({})
    const { page } = await ask({ teamId: team.id })
    expect(page).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
  })

  test.each(['', '?', 'bm90LWEtY3Vyc29y', 'bm90LWEtY3Vyc29y=='])(
    'refuses the cursor %j of nothing in it',
    async (after) => {
      const team = simulator.tenant.addTeam({})
      simulator.tenant.addOperation({ teamId: team.id })
      const { errors } = await ask({ teamId: team.id, after })
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    },
  )

  test('of a team that is none has a code', async () => {
    expect((await ask({ teamId: 'not-a-guid' })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ])
    expect((await ask({ teamId: '00000000-0000-4000-8000-000000000000' })).errors).toMatchObject([
      { extensions: { code: 'OPERATION_NOT_FOUND' } },
    ])
  })
})
