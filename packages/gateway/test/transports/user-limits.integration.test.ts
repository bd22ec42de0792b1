import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bearerToken } from '../../src/access/bearer-token.ts'
import type { LimitOptions } from '../../src/access/limits.ts'
import { openSocketOf } from '../attempt-over.ts'
import { connectRawSocket, type RawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, teamId, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const query = `subscription { teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { status } }`

let operations: ScriptedOperations
let served: ServedGateway
let streams: AbortController
/** Node cancels the response of a `fetch` that nobody holds. */
let held: Response[]

beforeEach(() => {
  operations = scriptedOperations()
  operations.find(locationOf(1))
  streams = new AbortController()
  held = []
})

afterEach(async () => {
  streams.abort()
  await served[Symbol.asyncDispose]()
  expect(served.unexpected).toEqual([])
})

/** A token is the name of whoever has it. */
async function serveWith(limits: LimitOptions, client = operations.client): Promise<void> {
  served = await serveGateway({
    operations: client,
    limits,
    auth: {
      authenticator: {
        async authenticate(credentials) {
          const name = bearerToken(credentials) ?? 'nobody'
          return { id: name, accessClass: name }
        },
      },
    },
  })
}

/** An event stream with the subscription, which stays open unless it is refused. */
async function stream(name: string, method = 'POST', asked = query): Promise<Response> {
  const response = await fetch(served.url, {
    method,
    headers: {
      Authorization: `Bearer ${name}`,
      Accept: 'text/event-stream',
      'Content-Type': 'application/json',
    },
    ...(method === 'POST' ? { body: JSON.stringify({ query: asked }) } : {}),
    signal: streams.signal,
  })
  held.push(response)
  return response
}

function ask(name: string, asked = '{ __typename }'): Promise<Response> {
  return served.post({ query: asked }, { Authorization: `Bearer ${name}` })
}

async function closeCodeOf(name: string): Promise<number> {
  const refused = connectRawSocket(served.webSocketUrl)
  await once(refused.socket, 'open')
  refused.send({ type: 'connection_init', payload: { authorization: `Bearer ${name}` } })
  return (await refused.closed()).code
}

async function subscribe(socket: RawSocket, id: string, asked = query): Promise<unknown> {
  socket.send({ id, type: 'subscribe', payload: { query: asked } })
  return socket.receive((message) => message.id === id)
}

const tooMany = { type: 'error', payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }] }

describe('the connections of one user are limited, over whatever they come', () => {
  test('one more WebSocket is closed with 1013, one more event stream is refused with 429', async () => {
    await serveWith({ maxConnectionsPerUser: 2 })
    const socket = await openSocketOf(served, 'ada')
    expect((await stream('ada')).status).toBe(200)
    expect(await closeCodeOf('ada')).toBe(1013)
    for (const method of ['POST', 'PUT']) {
      const refused = await stream('ada', method)
      expect(refused.status).toBe(429)
      expect(refused.headers.get('retry-after')).toBe('5')
      expect(await refused.text()).toContain('TOO_MANY_SUBSCRIPTIONS')
    }
    // Others notice nothing, and queries need no connection.
    const other = await openSocketOf(served, 'bob')
    expect((await ask('ada')).status).toBe(200)
    expect(served.gateway.openConnections).toBe(3)
    for (const { socket: open } of [socket, other]) open.terminate()
  })

  test.each<[string, (socket: RawSocket) => void]>([
    ['a WebSocket that breaks', ({ socket }) => socket.terminate()],
    ['a WebSocket that is closed', ({ socket }) => socket.close()],
    ['a message against the protocol', ({ send }) => send('nonsense')],
    ['an event stream that is left', () => streams.abort()],
  ])('%s makes room', async (_, leave) => {
    await serveWith({ maxConnectionsPerUser: 2 })
    const socket = await openSocketOf(served, 'ada')
    await stream('ada')
    expect(await closeCodeOf('ada')).toBe(1013)
    leave(socket)
    await vi.waitFor(async () => (await openSocketOf(served, 'ada')).socket.terminate(), { timeout: 3_000 })
    socket.socket.terminate()
  })

  test('one that is refused takes no room, however often', async () => {
    await serveWith({ maxConnectionsPerUser: 1 })
    const socket = await openSocketOf(served, 'ada')
    for (let i = 0; i < 10; i++) expect(await closeCodeOf('ada')).toBe(1013)
    socket.socket.terminate()
    await vi.waitFor(async () => (await openSocketOf(served, 'ada')).socket.terminate(), { timeout: 3_000 })
  })
})

describe('the subscriptions of one user are limited', () => {
  test('over all their connections, and theirs alone', async () => {
    await serveWith({ maxSubscriptionsPerUser: 3 })
    const [first, second, other] = [
      await openSocketOf(served, 'ada'),
      await openSocketOf(served, 'ada'),
      await openSocketOf(served, 'bob'),
    ]
    expect(await subscribe(first, '1')).toMatchObject({ type: 'next' })
    expect(await subscribe(second, '1')).toMatchObject({ type: 'next' })
    await stream('ada')
    expect(await subscribe(first, '2')).toMatchObject(tooMany)
    expect(await subscribe(other, '1')).toMatchObject({ type: 'next' })

    second.socket.terminate()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(3))
    expect(await subscribe(first, '3')).toMatchObject({ type: 'next' })
    for (const { socket } of [first, other]) socket.terminate()
  })

  test('over event streams with an event that says so', async () => {
    await serveWith({ maxSubscriptionsPerUser: 1 })
    await stream('ada')
    const text = await (await stream('ada')).text()
    expect(text).toContain('TOO_MANY_SUBSCRIPTIONS')
    expect(text).toContain('event: complete')
  })
})

describe('the operations that one user follows are limited', () => {
  const watchAll = (...ns: number[]): string => {
    const refs = ns.map((n) => `{ location: "${locationOf(n)}" }`).join(' ')
    return `subscription { teamsAsyncOperations(refs: [${refs}]) { status } }`
  }

  test('over all their connections, and theirs alone, also where others follow the same', async () => {
    for (const n of [1, 2, 3, 4]) operations.find(locationOf(n))
    await serveWith({ maxFollowedOperationsPerUser: 3 })
    const [first, second, other] = [
      await openSocketOf(served, 'ada'),
      await openSocketOf(served, 'ada'),
      await openSocketOf(served, 'bob'),
    ]
    expect(await subscribe(other, '1', watchAll(1, 2))).toMatchObject({ type: 'next' })
    expect(await subscribe(first, '1', watchAll(1, 2))).toMatchObject({ type: 'next' })
    expect(await subscribe(second, '1', watchAll(2, 3))).toMatchObject({ type: 'next' })
    expect(await subscribe(second, '2', watchAll(3, 4))).toMatchObject(tooMany)
    expect(await subscribe(other, '2', watchAll(4))).toMatchObject({ type: 'next' })
    first.send({ id: '1', type: 'complete' })
    // That frees one of its two: the other connection follows the other.
    expect(await subscribe(second, '3', watchAll(1, 4))).toMatchObject(tooMany)
    expect(await subscribe(first, '3', watchAll(4))).toMatchObject({ type: 'next' })
    for (const { socket } of [first, second, other]) socket.terminate()
  })

  test('with queries as well, and the locations that are none are not counted', async () => {
    operations.find(locationOf(1))
    operations.find(locationOf(2))
    await serveWith({ maxFollowedOperationsPerUser: 1 })
    const socket = await openSocketOf(served, 'ada')
    await subscribe(socket, '1')
    const about = (location: string): string =>
      `{ teamsAsyncOperation(ref: { location: "${location}" }) { status } }`
    const answer = await ask('ada', about(locationOf(2)))
    expect(answer.status).toBe(429)
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    })
    for (const location of [locationOf(1), 'nonsense']) {
      expect((await ask('ada', about(location))).status).toBe(200)
    }
    expect((await ask('bob', about(locationOf(2)))).status).toBe(200)
    socket.socket.terminate()
  })
})

describe('the queries of one user that are under way are limited', () => {
  const wait = `{ teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { status } }`
  const throttled = [{ extensions: { code: 'THROTTLED', retryAfter: 1 } }]

  test('over all their connections, until they are answered or nobody waits for them', async () => {
    const answers: (() => void)[] = []
    const { client } = operations
    await serveWith(
      { maxQueriesPerUser: 2 },
      {
        ...client,
        get: (input, { signal } = {}) =>
          new Promise((resolve, reject) => {
            answers.push(() => resolve(client.get(input)))
            signal?.addEventListener('abort', () => reject(new Error('aborted')))
          }),
      },
    )
    const socket = await openSocketOf(served, 'ada')
    const leaving = await openSocketOf(served, 'ada')
    for (const { send } of [socket, leaving]) send({ id: '1', type: 'subscribe', payload: { query: wait } })
    await vi.waitFor(() => expect(answers).toHaveLength(2))

    const refused = await ask('ada')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toMatchObject({ errors: throttled })
    expect(await subscribe(socket, '2', wait)).toMatchObject({ payload: { errors: throttled } })
    const streamed = await stream('ada', 'POST', wait)
    expect(await streamed.text()).toContain('THROTTLED')
    // Subscriptions, and what others ask, are not concerned.
    expect(await subscribe(socket, '3')).toMatchObject({ type: 'next' })
    expect((await ask('bob')).status).toBe(200)

    leaving.socket.terminate()
    await vi.waitFor(async () => expect((await ask('ada')).status).toBe(200))
    answers[0]?.()
    expect(await socket.receive(({ id }) => id === '1')).toMatchObject({ type: 'next' })
    expect(await Promise.all([ask('ada'), ask('ada')])).toMatchObject([{ status: 200 }, { status: 200 }])
    socket.socket.terminate()
  })
})

test('the lists of one user wait for each other, and not those of others for them', async () => {
  const { client } = operations
  operations.find(locationOf(1))
  const lists: { readonly of: string | undefined; readonly answer: () => void }[] = []
  await serveWith(
    {},
    {
      ...client,
      async *list(owner) {
        await new Promise<void>((answer) => lists.push({ of: owner.teamId, answer }))
        yield* client.list(owner)
      },
    },
  )
  const socket = await openSocketOf(served, 'ada')
  const fields = Array.from({ length: 20 }, (_, i) => {
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`
    return `list${i}: teamsAsyncOperations(of: { teamId: "${id}" }) { pageInfo { hasNextPage } }`
  })
  socket.send({ id: '1', type: 'subscribe', payload: { query: `{ ${fields.join(' ')} }` } })
  await vi.waitFor(() => expect(lists.length).toBeGreaterThan(0))
  const ofBob = ask(
    'bob',
    `{ teamsAsyncOperations(of: { teamId: "${teamId}" }) { pageInfo { hasNextPage } } }`,
  )
  await vi.waitFor(() => expect(lists.at(-1)?.of).toBe(teamId))
  expect(lists).toHaveLength(6)
  lists.at(-1)?.answer()
  expect((await ofBob).status).toBe(200)
  for (let answered = 0; answered < 21; answered++) {
    await vi.waitFor(() => expect(lists.length).toBeGreaterThan(answered))
    lists[answered]?.answer()
  }
  const { payload } = await socket.receive(({ id }) => id === '1')
  expect(payload).not.toHaveProperty('errors')
  socket.socket.terminate()
})

test('the requests of one user are limited, and answered with 429 and when to come again', async () => {
  await serveWith({ requestRatePerUser: { burst: 3, perSecond: 0.1 } })
  const socket = await openSocketOf(served, 'ada')
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } })
  await socket.receive(({ type }) => type === 'complete')
  expect((await ask('ada')).status).toBe(200)
  expect((await ask('ada')).status).toBe(200)
  const refused = await ask('ada')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(5)
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'THROTTLED' } }] })
  expect((await ask('bob')).status).toBe(200)
  socket.send({ id: '2', type: 'subscribe', payload: { query: '{ __typename }' } })
  expect(await socket.receive(({ id }) => id === '2')).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'THROTTLED' } }],
  })
  socket.socket.terminate()
})
