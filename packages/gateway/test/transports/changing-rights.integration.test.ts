import type { OperationState } from '@teams-operations/core'
import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuthOptions } from '../../src/access/auth-options.ts'
import type { Authenticator } from '../../src/access/authenticator.ts'
import { bearerToken } from '../../src/access/bearer-token.ts'
import type { Refused } from '../../src/access/identity.ts'
import { everyTransport, openSocketOf } from '../every-transport.ts'
import type { RawSocket } from '../raw-socket.ts'
import { locationOf, operationIdOf, scriptedOperations, teamId } from '../scripted-operations.ts'
import type { ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

/** A token is a name and a group: `ada.admins`. */
const byName: Authenticator = {
  authenticate: async (credentials) => {
    const [id = '', group] = bearerToken(credentials).split('.')
    return { id, accessClass: 'everybody', claims: { group }, expiresAt: clock.now() + 60_000 }
  },
}

let clock: VirtualClock
let operations: ScriptedOperations
let served: ServedGateway
let refused: Refused[]
let sockets: RawSocket[]

beforeEach(() => {
  clock = createVirtualClock()
  operations = scriptedOperations()
  for (const n of [1, 2]) operations.find(locationOf(n))
  refused = []
  sockets = []
})

afterEach(async () => {
  for (const { socket } of sockets) socket.terminate()
  await served[Symbol.asyncDispose]()
})

async function serve(auth: AuthOptions, limits = {}): Promise<void> {
  served = await serveGateway({
    operations: operations.client,
    clock,
    limits,
    keepAliveMs: 1e9,
    auth: { authenticator: byName, onRefused: (refusal) => refused.push(refusal), ...auth },
  })
}

async function socketOf(token: string): Promise<RawSocket> {
  const socket = await openSocketOf(served, token)
  sockets.push(socket)
  return socket
}

async function subscribed(token: string, query: string): Promise<RawSocket> {
  const socket = await socketOf(token)
  socket.send({ id: '1', type: 'subscribe', payload: { query: `subscription ${query}` } })
  await socket.receive(({ type }) => type === 'next')
  return socket
}

const one = (n: number): string => `teamsAsyncOperation(ref: { location: "${locationOf(n)}" })`
const overview = '{ followedOperations { id } }'
const overviewOf = (...ns: number[]): object => ({
  data: { followedOperations: ns.map((n) => ({ id: operationIdOf(n) })) },
})

/** Has another operation followed, and lets overviews show it. */
async function followAnother(n: number): Promise<void> {
  operations.find(locationOf(n))
  await clock.advance(1_000)
}

describe('the overview of all that is followed', () => {
  test('is decided by the token of whoever subscribes, whatever else of theirs is there', async () => {
    const asked: unknown[] = []
    await serve({
      authorize: ({ claims }, { location }) => {
        asked.push(claims?.['group'])
        return claims?.['group'] === 'admins' || location === locationOf(1)
      },
    })
    const strong = await subscribed('ada.admins', overview)
    expect(strong.messages.at(-1)).toMatchObject({ payload: overviewOf(1, 2) })
    const weak = await subscribed('ada.users', overview)
    expect(weak.messages.at(-1)).toMatchObject({ payload: overviewOf(1) })
    expect(asked).toEqual(['admins', 'admins', 'users', 'users'])

    await followAnother(3)
    await vi.waitFor(() => expect(strong.messages.at(-1)).toMatchObject({ payload: overviewOf(1, 2, 3) }))
    strong.socket.terminate()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(1))
    served.gateway.revalidate()
    await followAnother(4)
    await vi.waitFor(() => expect(weak.messages.length).toBeGreaterThan(3))
    for (const { payload } of weak.messages.slice(1)) expect(payload).toEqual(overviewOf(1))
  })

  test.each<[string, () => boolean]>([
    ['may see nothing any more', () => false],
    [
      'nobody knows any more',
      () => {
        throw new Error('There is no such user')
      },
    ],
  ])('goes on for others of a class when the first of them has left, who %s', async (_, gone) => {
    const members = new Set(['ada', 'bob'])
    await serve({
      accessClass: ({ id }) => (members.has(id) ? 'members' : 'nobody'),
      authorize: ({ id }) => members.has(id) || gone(),
    })
    const ada = await subscribed('ada', overview)
    const bob = await subscribed('bob', overview)
    ada.socket.terminate()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(1))
    members.delete('ada')
    await followAnother(3)
    await vi.waitFor(() => expect(bob.messages.at(-1)).toMatchObject({ payload: overviewOf(1, 2, 3) }))
    served.gateway.revalidate()
    await followAnother(4)
    await vi.waitFor(() => expect(bob.messages.at(-1)).toMatchObject({ payload: overviewOf(1, 2, 3, 4) }))
    expect(bob.messages.filter(({ type }) => type === 'error')).toEqual([])
  })
})

describe('while it is not decided whether a subscription may go on', () => {
  let answer: () => boolean | Promise<boolean>
  let pending: PromiseWithResolvers<boolean>

  beforeEach(async () => {
    pending = Promise.withResolvers()
    answer = () => true
    await serve({ authorize: () => answer() })
  })

  async function inDoubt(query: string): Promise<RawSocket> {
    const ada = await subscribed('ada', query)
    answer = () => pending.promise
    served.gateway.revalidate()
    return ada
  }

  /** What came before has been looked at when this has, and is on its way. */
  async function pong(socket: RawSocket): Promise<void> {
    const { length } = socket.messages
    socket.send({ type: 'ping' })
    await vi.waitFor(() => expect(socket.messages.slice(length).map(({ type }) => type)).toContain('pong'))
  }

  test('nothing of it is shown, and then the newest, the end included', async () => {
    const ada = await inDoubt(`{ ${one(1)} { attemptsCount } }`)
    for (const attemptsCount of [2, 3]) operations.find(locationOf(1), { attemptsCount })
    operations.find(locationOf(1), { attemptsCount: 4, status: 'succeeded' })
    await pong(ada)
    expect(ada.messages.filter(({ id }) => id === '1')).toHaveLength(1)
    pending.resolve(true)
    await ada.receive(({ type }) => type === 'complete')
    expect(ada.messages.filter(({ id }) => id === '1').slice(1)).toEqual([
      { id: '1', type: 'next', payload: { data: { teamsAsyncOperation: { attemptsCount: 4 } } } },
      { id: '1', type: 'complete' },
    ])
  })

  test('of several operations the newest of each waits', async () => {
    const refs = [1, 2].map((n) => `{ location: "${locationOf(n)}" }`).join()
    const ada = await inDoubt(`{ teamsAsyncOperations(refs: [${refs}]) { id attemptsCount } }`)
    await ada.receive(({ payload }) => JSON.stringify(payload)?.includes(operationIdOf(2)) ?? false)
    for (const attemptsCount of [2, 3])
      for (const n of [1, 2]) operations.find(locationOf(n), { attemptsCount })
    pending.resolve(true)
    await vi.waitFor(() => expect(ada.messages.filter(({ id }) => id === '1')).toHaveLength(4))
    expect(ada.messages.slice(-2).map(({ payload }) => payload)).toEqual(
      [1, 2].map((n) => ({ data: { teamsAsyncOperations: { id: operationIdOf(n), attemptsCount: 3 } } })),
    )
  })

  test('what waited is gone when the answer is no', async () => {
    const ada = await inDoubt(`{ ${one(1)} { attemptsCount } }`)
    operations.find(locationOf(1), { attemptsCount: 77, status: 'succeeded' })
    pending.resolve(false)
    expect(await ada.receive(({ type }) => type === 'error')).toMatchObject({
      payload: [{ extensions: { code: 'FORBIDDEN' } }],
    })
    expect(JSON.stringify(ada.messages)).not.toContain('77')
    expect(operations.watchers(locationOf(1))).toBe(0)
  })

  test('only the answer to the newest question counts', async () => {
    const ada = await inDoubt(`{ ${one(1)} { attemptsCount } }`)
    const before = pending
    pending = Promise.withResolvers()
    served.gateway.revalidate()
    operations.find(locationOf(1), { attemptsCount: 77 })
    before.resolve(true)
    await pong(ada)
    expect(JSON.stringify(ada.messages)).not.toContain('77')
    pending.resolve(true)
    await ada.receive(({ payload }) => JSON.stringify(payload)?.includes('77') ?? false)
  })

  test('without an answer for 10 seconds it ends, and so does whatever else is asked', async () => {
    const ada = await inDoubt(`{ ${one(1)} { attemptsCount } }`)
    operations.find(locationOf(1), { attemptsCount: 77 })
    const query = served.post({ query: `{ ${one(1)} { id } }` }, { Authorization: 'Bearer ada' })
    const timers = clock.pendingTimers
    await vi.waitFor(() => expect(clock.pendingTimers).toBeGreaterThan(timers))
    await clock.advance(10_000)
    for (const errors of [
      (await ada.receive(({ type }) => type === 'error')).payload,
      ((await (await query).json()) as { errors: unknown }).errors,
    ]) {
      expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }])
    }
    expect(JSON.stringify(ada.messages)).not.toContain('77')
    expect(operations.watchers(locationOf(1))).toBe(0)
    expect(refused).toHaveLength(2)
    expect(refused[0]).toEqual({
      code: 'SERVICE_UNAVAILABLE',
      detail: 'There was no decision within 10000 ms',
      principalId: 'ada',
    })
    expect(served.unexpected).toEqual([])
  })

  test('an event stream shows nothing either', async () => {
    const response = await served.post(
      { query: `subscription { ${one(1)} { attemptsCount } }` },
      { Accept: 'text/event-stream', Authorization: 'Bearer ada' },
    )
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(1))
    answer = () => pending.promise
    served.gateway.revalidate()
    operations.find(locationOf(1), { attemptsCount: 77, status: 'succeeded' })
    pending.resolve(false)
    const text = await response.text()
    expect(text).toContain('FORBIDDEN')
    expect(text).not.toContain('77')
  })
})

describe.each(everyTransport)(
  'a query over %s whose answer takes its time',
  (transport, { attempt, start }) => {
    let read: PromiseWithResolvers<void>
    let reading: PromiseWithResolvers<void>

    beforeEach(() => {
      read = Promise.withResolvers()
      reading = Promise.withResolvers()
      const { client } = operations
      const slow = {
        ...client,
        async get(...args: Parameters<typeof client.get>): Promise<OperationState> {
          reading.resolve()
          await read.promise
          return client.get(...args)
        },
        async *list(...args: Parameters<typeof client.list>): ReturnType<typeof client.list> {
          yield* client.list(...args)
          reading.resolve()
          await read.promise
        },
      }
      operations = { ...operations, client: slow }
    })

    const operation = `{ ${one(1)} { id } }`
    const list = `{ teamsAsyncOperations(of: { teamId: "${teamId}" }) { edges { node { id } } } }`

    test.each([
      ['operation', operation],
      ['list', list],
    ])('shows no %s that may no longer be seen', async (__, query) => {
      let isAllowed = true
      await serve({ authorize: () => isAllowed })
      const outcome = attempt(served, query, 'Bearer ada')
      await reading.promise
      isAllowed = false
      read.resolve()
      expect(JSON.stringify(await outcome)).not.toContain('"id"')
    })

    test('shows no list of what somebody may no longer ask for', async () => {
      let isAllowed = true
      await serve({ authorizeOwner: () => isAllowed })
      const outcome = attempt(served, list, 'Bearer ada')
      await reading.promise
      isAllowed = false
      read.resolve()
      expect(await outcome).toMatchObject({
        result: { data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] },
      })
    })

    test.each<[string, () => unknown, number]>([
      ['has signed out', () => served.gateway.dismiss('ada'), 403],
      ['has a token that has expired', () => clock.advance(60_000), 401],
    ])('shows nothing to who %s meanwhile', async (__, happens, status) => {
      await serve({})
      const starting = start(served, { query: operation }, 'Bearer ada')
      await reading.promise
      await happens()
      read.resolve()
      const exchange = await starting
      await vi.waitUntil(() => exchange.hasEnded())
      expect(exchange.results().flatMap(({ data }) => data ?? [])).toEqual([])
      // Of several requests over one stream, nothing is left but that it ends.
      const isOneOfSeveral = transport.endsWith('single connection')
      const refusedWith = transport.startsWith('WebSocket') ? 4403 : status
      expect(exchange.refusal()?.refusedWith).toBe(isOneOfSeveral ? undefined : refusedWith)
    })
  },
)

test('who is gone before the answer to a request is told how to come back', async () => {
  const { client } = operations
  const read = Promise.withResolvers<void>()
  const get = vi.fn(async (...args: Parameters<typeof client.get>) => {
    await read.promise
    return client.get(...args)
  })
  operations = { ...operations, client: { ...client, get } }
  await serve({})
  const answer = served.post({ query: `{ ${one(1)} { id } }` }, { Authorization: 'Bearer ada' })
  await vi.waitFor(() => expect(get).toHaveBeenCalledOnce())
  await clock.advance(60_000)
  read.resolve()
  const { status, headers } = await answer
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
})

describe('who subscribes to several operations', () => {
  const query =
    'subscription ($refs: [TeamsAsyncOperationRef!]!) { teamsAsyncOperations(refs: $refs) { id } }'

  test.each([
    ['to more than there may be, is told so and not asked about', [1, 2, 3], 0],
    ['to one of them twice, is asked about it once', [1, 1], 1],
  ])('%s', async (_, ns, times) => {
    const authorize = vi.fn(() => true)
    await serve({ authorize }, { maxRefs: 2 })
    const ada = await socketOf('ada')
    const refs = ns.map((n) => ({ location: locationOf(n) }))
    ada.send({ id: '1', type: 'subscribe', payload: { query, variables: { refs } } })
    const { type, payload } = await ada.receive(({ id }) => id === '1')
    expect(authorize).toHaveBeenCalledTimes(times)
    if (times > 0) expect(type).toBe('next')
    else expect(payload).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})
