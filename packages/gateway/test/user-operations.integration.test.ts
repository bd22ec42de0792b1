import { createOperationsClient, fetchTransport, type OperationsClient } from '@teams-operations/core'
import type { VirtualClock } from '@teams-operations/core/testing'
import { createSimulator, type Simulator } from '@teams-operations/simulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bearerToken } from '../src/access/bearer-token.ts'
import type { Refused } from '../src/access/identity.ts'
import {
  createUserOperations,
  type UserOperations,
  type UserOperationsOptions,
} from '../src/access/user-operations.ts'
import type { Principal } from '../src/resolvers/principal.ts'
import { everyTransport, openSocketOf } from './every-transport.ts'
import type { RawSocket } from './raw-socket.ts'
import { serveGateway, type ServedGateway } from './serve-gateway.ts'

let simulator: Simulator<VirtualClock>
let clock: VirtualClock
let users: UserOperations
let served: ServedGateway
/** Every client that was created. */
let clients: { readonly client: OperationsClient; isDisposed: boolean }[]
/** What Graph was asked with. */
let graphTokens: string[]
let refused: Refused[]

/** Whose name comes before the first dot of their token, then when it expires, and when it was issued. */
function principalOf(token: string): Principal {
  const [id = '', expires = '1', issued] = token.split('.')
  const claims = id === 'robot' ? { roles: ['Operations.Read.All'] } : { scp: 'Operations.Read' }
  const at = (hours: string): number => Date.UTC(2026, 0, 1) + Number(hours) * 3_600_000
  return {
    id,
    accessClass: 'everybody',
    expiresAt: at(expires),
    issuedAt: issued === undefined ? undefined : at(issued),
    claims,
  }
}

async function serve(options: Partial<UserOperationsOptions> = {}): Promise<void> {
  users = createUserOperations({
    credentialFor: (accessToken) => ({
      getToken: async () => ({
        token: `graph-for-${accessToken}`,
        expiresOnTimestamp: clock.now() + 60_000,
      }),
    }),
    createClient: ({ credential, quota }) => {
      const client = createOperationsClient({
        credential,
        quota,
        clock,
        graphOrigin: simulator.origin,
        transport: fetchTransport({ fetch: graph }),
      })
      const created = { client, isDisposed: false }
      const dispose = client[Symbol.asyncDispose].bind(client)
      client[Symbol.asyncDispose] = async () => {
        created.isDisposed = true
        await dispose()
      }
      clients.push(created)
      return client
    },
    clock,
    ...options,
  })
  served = await serveGateway({
    operations: users,
    clock,
    keepAliveMs: 1_000_000_000,
    auth: {
      authenticator: { authenticate: async (credentials) => principalOf(bearerToken(credentials)) },
      onRefused: (refusal) => refused.push(refusal),
    },
  })
}

/** Graph, which lets Bob see nothing. */
async function graph(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const token = new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? ''
  graphTokens.push(token)
  if (!token.startsWith('graph-for-bob')) return simulator.fetch(input, init)
  const error = { code: 'Forbidden', message: 'Missing role permissions on the request.' }
  return Response.json({ error }, { status: 403 })
}

beforeEach(() => {
  simulator = createSimulator()
  clock = simulator.clock
  clients = []
  graphTokens = []
  refused = []
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  await users[Symbol.asyncDispose]()
  expect(clients.filter(({ isDisposed }) => !isDisposed)).toEqual([])
  await clock.advance(0)
  expect(clock.pendingTimers).toBe(0)
  expect(simulator.journal.violations()).toEqual([])
  expect(served.unexpected).toEqual([])
})

function stuck(): string {
  return simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location
}

const watch = (location: string): string =>
  `subscription { teamsAsyncOperation(ref: { location: "${location}" }, everyCheck: true) { polling { checks } } }`

async function subscribed(name: string, location: string): Promise<RawSocket> {
  const socket = await openSocketOf(served, name)
  socket.send({ id: '1', type: 'subscribe', payload: { query: watch(location) } })
  return socket
}

/** Lets time pass until it holds, some seconds at a time: what comes over a socket takes none of it. */
async function until(condition: () => void): Promise<void> {
  await vi.waitFor(
    async () => {
      await clock.advance(5_000)
      condition()
    },
    { timeout: 10_000, interval: 20 },
  )
}

const checksOf = ({ messages }: RawSocket): number => messages.filter(({ type }) => type === 'next').length

describe('on behalf of each user', () => {
  test('Graph is asked with a token of theirs, and decides what they may see', async () => {
    await serve()
    const location = stuck()
    const [ada, bob] = await Promise.all([subscribed('ada', location), subscribed('bob', location)])
    await until(() => {
      expect(checksOf(ada)).toBe(1)
      expect(bob.messages).toHaveLength(2)
    })
    expect(new Set(graphTokens)).toEqual(new Set(['graph-for-ada', 'graph-for-bob']))
    expect(bob.messages[1]).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] })
    // The socket of Bob lives, and gets nothing of what Ada does.
    await clock.advance(5 * 60_000)
    await until(() => expect(checksOf(ada)).toBeGreaterThan(5))
    expect(bob.messages).toHaveLength(2)
    expect(bob.socket.readyState).toBe(bob.socket.OPEN)
    for (const { socket } of [ada, bob]) socket.terminate()
  })

  test('the same holds for queries and event streams', async () => {
    await serve()
    const location = stuck()
    const query = `query { teamsAsyncOperation(ref: { location: "${location}" }) { status } }`
    for (const [, { start, connection }] of everyTransport) {
      for (const [name, code] of [
        ['ada', undefined],
        ['bob', 'FORBIDDEN'],
      ] as const) {
        const asked = connection ? watch(location) : query
        const { results, leave } = await start(served, { query: asked }, `Bearer ${name}`)
        await until(() => expect(results()).not.toEqual([]))
        leave()
        expect(results()[0]).toMatchObject(
          code ? { errors: [{ extensions: { code } }] } : { data: { teamsAsyncOperation: {} } },
        )
      }
    }
    expect(clients).toHaveLength(2)
  })

  test('what is followed is what that user follows', async () => {
    await serve()
    const [first, second] = [stuck(), stuck()]
    const [ada, eve] = await Promise.all([subscribed('ada', first), subscribed('eve', second)])
    await until(() => expect(checksOf(ada) + checksOf(eve)).toBe(2))
    for (const [socket, location] of [
      [ada, first],
      [eve, second],
    ] as const) {
      socket.send({ id: '2', type: 'subscribe', payload: { query: '{ followedOperations { location } }' } })
      const answer = await socket.receive(({ id, type }) => id === '2' && type === 'next')
      expect(answer.payload).toEqual({ data: { followedOperations: [{ location }] } })
      socket.socket.terminate()
    }
  })

  test('an operation that several of them follow is checked no more often than Graph allows, in turns', async () => {
    await serve()
    const location = stuck()
    const sockets = await Promise.all(['ada', 'eve', 'mae'].map((name) => subscribed(name, location)))
    for (let minute = 0; minute < 30; minute++) {
      await clock.advance(60_000)
      // The tokens are good for an hour.
      await vi.waitFor(() => expect(checksOf(sockets[0] as RawSocket)).toBeGreaterThan(0))
    }
    await until(() => {
      for (const socket of sockets) expect(checksOf(socket)).toBeGreaterThan(16)
    })
    const [summary] = [...simulator.journal.checkSummaries()]
    expect(summary?.shortestGapMs).toBeGreaterThan(30_000)
    for (const { socket } of sockets) socket.terminate()
  })

  test('a renewal has Graph asked with the newest token, also where that is good for less long', async () => {
    await serve()
    const ada = await subscribed('ada.4.0', stuck())
    await until(() => expect(checksOf(ada)).toBe(1))
    ada.send({ type: 'ping', payload: { authorization: 'Bearer ada.2.1' } })
    await ada.receive(({ type }) => type === 'pong')
    // An older one does not take its place, from another connection either.
    const other = await openSocketOf(served, 'ada.4.0')
    await clock.advance(10 * 60_000)
    await until(() => expect(graphTokens.at(-1)).toBe('graph-for-ada.2.1'))
    expect(clients).toHaveLength(1)
    for (const { socket } of [ada, other]) socket.terminate()
  })

  test('an application by itself has nobody to act for', async () => {
    await serve()
    for (const [, { attempt, connection }] of everyTransport) {
      const isSocket = connection === 'websocket'
      expect(await attempt(served, '{ __typename }', 'Bearer robot')).toEqual({
        refusedWith: isSocket ? 4403 : 403,
        said: expect.stringContaining(
          'Expected the access token of a user, got that of an application.',
        ) as string,
      })
    }
    expect(clients).toEqual([])
  })
})

describe('the client of a user', () => {
  test('is one for all connections of theirs, and goes a minute after the last of them', async () => {
    await serve()
    const sockets = await Promise.all([1, 2, 3].map(() => openSocketOf(served, 'ada')))
    expect(clients).toHaveLength(1)
    for (const { socket } of sockets.slice(1)) socket.close()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(1))
    await clock.advance(120_000)
    expect(users.users).toBe(1)
    sockets[0]?.socket.close()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
    await clock.advance(59_999)
    expect(users.users).toBe(1)
    // Who comes back in time has it still.
    const back = await openSocketOf(served, 'ada')
    await clock.advance(120_000)
    expect(clients).toHaveLength(1)
    back.socket.close()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
    await clock.advance(60_000)
    expect(users.users).toBe(0)
    expect(clients[0]?.isDisposed).toBe(true)
  })

  test('makes room when another user comes, if nobody needs it; otherwise they have to wait', async () => {
    await serve({ maxUsers: 2 })
    const [ada, bob] = await Promise.all([openSocketOf(served, 'ada'), openSocketOf(served, 'bob')])
    for (const [, { attempt, connection }] of everyTransport) {
      expect(await attempt(served, '{ __typename }', 'Bearer eve')).toEqual({
        refusedWith: connection === 'websocket' ? 1013 : 503,
        said: expect.stringContaining('There are too many users at the moment.') as string,
      })
    }
    bob.socket.close()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(1))
    const eve = await openSocketOf(served, 'eve')
    expect(clients.map(({ isDisposed }) => isDisposed)).toEqual([false, true, false])
    for (const { socket } of [ada, eve]) socket.terminate()
  })

  test('that has gone keeps its 30 seconds for the one that comes after', async () => {
    await serve({ lingerMs: 1 })
    const location = stuck()
    for (let round = 0; round < 6; round++) {
      const ada = await subscribed('ada', location)
      await clock.advance(5_000)
      ada.socket.close()
      await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
      await clock.advance(1_000)
    }
    expect(clients).toHaveLength(6)
    expect(simulator.journal.checksOf(location).length).toBeLessThan(3)
  })
})

test('the numbers of all of them are told together, and those of who has gone stay', async () => {
  await serve()
  const sockets = await Promise.all(['ada', 'eve'].map((name) => subscribed(name, stuck())))
  await until(() => {
    for (const socket of sockets) expect(checksOf(socket)).toBe(1)
  })
  expect(users.stats()).toMatchObject({
    followed: 2,
    checks: 2,
    outcomes: { found: 2 },
    budget: { readsPerSecond: expect.closeTo(14.85) as number },
  })
  for (const { socket } of sockets) socket.terminate()
  await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
  await clock.advance(60_000)
  expect(users.users).toBe(0)
  const { followed, checks, requests, batchFill, outcomes } = users.stats()
  expect({ followed, checks, requests, batchFill }).toEqual({
    followed: 0,
    checks: 2,
    requests: 2,
    batchFill: 1,
  })
  expect(outcomes.found).toBe(2)
})

test('all clients together follow no more operations than are allowed', async () => {
  await serve()
  await served[Symbol.asyncDispose]()
  served = await serveGateway({
    operations: users,
    clock,
    keepAliveMs: 1_000_000_000,
    limits: { maxFollowedOperations: 1 },
    auth: { authenticator: { authenticate: async (credentials) => principalOf(bearerToken(credentials)) } },
  })
  const location = stuck()
  const ada = await subscribed('ada', location)
  await until(() => expect(checksOf(ada)).toBe(1))
  const eve = await subscribed('eve', location)
  expect(await eve.receive(({ type }) => type === 'error')).toMatchObject({
    payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
  })
  for (const { socket } of [ada, eve]) socket.terminate()
})

test.each([{ maxUsers: 0 }, { lingerMs: 0 }, { lingerMs: Number.NaN }, { quotaShare: 2 }])(
  '%j is refused',
  async (options) => {
    await serve()
    expect(() =>
      createUserOperations({
        credentialFor: () => ({ getToken: async () => null }),
        createClient: () => (clients[0] as { client: OperationsClient }).client,
        ...options,
      }),
    ).toThrow(RangeError)
  },
)
