import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bearerToken } from '../../src/access/bearer-token.ts'
import type { LimitOptions } from '../../src/access/limits.ts'
import { everyStream, everyTransport, openSocketOf, type Transport } from '../every-transport.ts'
import { outcomeOf, type Exchange, type Refusal, type Result } from '../exchange.ts'
import type { RawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, teamId, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const query = `subscription { teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { status } }`
const inProgress = { result: { data: { teamsAsyncOperation: { status: 'IN_PROGRESS' } } } }
const tooMany = { result: { errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }] } }

let operations: ScriptedOperations
let served: ServedGateway
let exchanges: Exchange[]

beforeEach(() => {
  operations = scriptedOperations()
  operations.find(locationOf(1))
  exchanges = []
})

afterEach(async () => {
  for (const { leave } of exchanges) leave()
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

/** Subscribes, and stays unless that is refused. */
async function follow({ start }: Transport, name: string): Promise<Exchange> {
  const exchange = await start(served, { query }, `Bearer ${name}`)
  exchanges.push(exchange)
  return exchange
}

async function followed(over: Transport, name: string): Promise<Refusal | { readonly result: Result }> {
  return outcomeOf(await follow(over, name))
}

function ask(name: string, asked = '{ __typename }'): Promise<Response> {
  return served.post({ query: asked }, { Authorization: `Bearer ${name}` })
}

async function subscribe(socket: RawSocket, id: string, asked = query): Promise<unknown> {
  socket.send({ id, type: 'subscribe', payload: { query: asked } })
  return socket.receive((message) => message.id === id)
}

describe.each(everyStream)('over %s', (_, transport) => {
  const { connection } = transport
  const refused =
    connection === 'websocket'
      ? { refusedWith: 1013, said: expect.stringContaining('connections') as string }
      : { refusedWith: 429, said: expect.stringContaining('"TOO_MANY_SUBSCRIPTIONS"') as string }

  test('one connection of a user too many is refused, whatever the others are', async () => {
    await serveWith({ maxConnectionsPerUser: everyStream.length })
    for (const [, other] of everyStream) expect(await followed(other, 'ada')).toEqual(inProgress)
    expect(await followed(transport, 'ada')).toEqual(refused)
    // Others notice nothing, and queries by POST need no connection.
    expect(await followed(transport, 'bob')).toEqual(inProgress)
    expect((await ask('ada')).status).toBe(200)
    expect(served.gateway.openConnections).toBe(everyStream.length + 1)
  })

  test('whoever leaves makes room, and whoever is refused takes none', async () => {
    await serveWith({ maxConnectionsPerUser: 1 })
    for (let round = 0; round < 3; round++) {
      const { leave } = await follow(transport, 'ada')
      for (let i = 0; i < 5; i++) expect(await followed(transport, 'ada')).toEqual(refused)
      leave()
      await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0), { timeout: 3_000 })
    }
    expect(await followed(transport, 'ada')).toEqual(inProgress)
  })

  test('one subscription of a user too many is refused, over whatever the others came, and theirs alone', async () => {
    await serveWith({ maxSubscriptionsPerUser: everyStream.length })
    for (const [, other] of everyStream) expect(await followed(other, 'ada')).toEqual(inProgress)
    const [first] = exchanges
    const one = await follow(transport, 'ada')
    expect(await outcomeOf(one)).toMatchObject(tooMany)
    await vi.waitFor(() => expect(one.isComplete()).toBe(true))
    expect(await followed(transport, 'bob')).toEqual(inProgress)
    first?.leave()
    one.leave()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(everyStream.length))
    expect(await followed(transport, 'ada')).toEqual(inProgress)
  })

  test('a subscription that completes makes room', async () => {
    await serveWith({ maxSubscriptionsPerUser: 1 })
    for (let round = 0; round < 3; round++) {
      operations.find(locationOf(1), { status: 'inProgress' })
      const exchange = await follow(transport, 'ada')
      expect(await outcomeOf(exchange)).toEqual(inProgress)
      operations.find(locationOf(1), { status: 'succeeded' })
      await vi.waitFor(() => expect(exchange.isComplete()).toBe(true))
      await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBe(0))
    }
  })
})

describe.each(everyTransport)('over %s', (_, transport) => {
  test('the requests of one user are limited, over whatever they come, and those of others are not', async () => {
    await serveWith({ requestRatePerUser: { burst: everyTransport.length, perSecond: 0.01 } })
    const asked = { query: '{ __typename }' }
    const answer = { data: { __typename: 'Query' } }
    for (const [, other] of everyTransport) {
      expect(await other.ask(served, asked, 'Bearer ada')).toEqual(answer)
    }
    const { data, errors } = await transport.ask(served, asked, 'Bearer ada')
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([
      { extensions: { code: 'THROTTLED', retryAfter: expect.any(Number) as number } },
    ])
    expect(await transport.ask(served, asked, 'Bearer bob')).toEqual(answer)
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
    expect(await subscribe(second, '2', watchAll(3, 4))).toMatchObject({
      type: 'error',
      payload: tooMany.result.errors,
    })
    expect(await subscribe(other, '2', watchAll(4))).toMatchObject({ type: 'next' })
    first.send({ id: '1', type: 'complete' })
    // That frees one of its two: the other connection follows the other.
    expect(await subscribe(second, '3', watchAll(1, 4))).toMatchObject({
      type: 'error',
      payload: tooMany.result.errors,
    })
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
    const streamed = await served.post(
      { query: wait },
      { Authorization: 'Bearer ada', Accept: 'text/event-stream' },
    )
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

test('over HTTP, whoever is refused is told when to come again', async () => {
  await serveWith({ maxConnectionsPerUser: 1, requestRatePerUser: { burst: 1, perSecond: 0.1 } })
  const socket = await openSocketOf(served, 'ada')
  for (const method of ['POST', 'PUT']) {
    const response = await fetch(served.url, {
      method,
      headers: {
        Authorization: 'Bearer ada',
        Accept: 'text/event-stream',
        'Content-Type': 'application/json',
      },
      ...(method === 'POST' ? { body: JSON.stringify({ query }) } : {}),
    })
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('5')
    await response.text()
  }
  const response = await ask('ada')
  expect(response.status).toBe(429)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(5)
  socket.socket.terminate()
})

test('a WebSocket that is closed, or that breaks the protocol, makes room as well', async () => {
  await serveWith({ maxConnectionsPerUser: 1 })
  for (const end of ['close', 'nonsense']) {
    const { socket, send } = await openSocketOf(served, 'ada')
    if (end === 'close') socket.close()
    else send(end)
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0), { timeout: 3_000 })
  }
  const { socket } = await openSocketOf(served, 'ada')
  socket.terminate()
})
