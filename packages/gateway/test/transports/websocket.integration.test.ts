import { once } from 'node:events'
import { Socket } from 'node:net'
import { OperationLostError } from '@teams-operations/core'
import { createVirtualClock } from '@teams-operations/core/testing'
import { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectRawSocket, openRawSocket, type RawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const subscription = (n: number): object => ({
  query: `subscription ($location: String!) {
    teamsAsyncOperation(ref: { location: $location }) { status polling { revision } }
  }`,
  variables: { location: locationOf(n) },
})

let operations: ScriptedOperations
let served: ServedGateway

beforeEach(async () => {
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client })
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

/** Subscribes with id `n` to the nth operation, which has been found in progress, and gets that. */
async function subscribe(socket: RawSocket, n: number): Promise<void> {
  operations.find(locationOf(n))
  socket.send({ id: `${n}`, type: 'subscribe', payload: subscription(n) })
  await socket.receive(({ id, type }) => id === `${n}` && type === 'next')
}

test('what happens in one turn leaves in few writes, the ends of subscriptions included', async () => {
  const socket = await openRawSocket(served.webSocketUrl)
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1)
  for (const n of numbers) await subscribe(socket, n)
  const writes = [vi.spyOn(Socket.prototype, '_write'), vi.spyOn(Socket.prototype, '_writev' as '_write')]
  for (const n of numbers) operations.find(locationOf(n), { status: 'succeeded' })
  await socket.receive(({ id, type }) => id === '100' && type === 'complete')
  expect(writes.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThanOrEqual(3)
  const ends = socket.messages.filter(({ type }) => type === 'complete')
  expect(ends).toHaveLength(100)
  vi.restoreAllMocks()
  socket.socket.terminate()
})

describe('a mistake in one operation', () => {
  const mistakes: [string, object, string][] = [
    ['a syntax error', { query: 'subscription {' }, 'GRAPHQL_PARSE_FAILED'],
    ['a validation error', { query: 'subscription { nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown operation name', { query: 'query A { __typename } query B { __typename }' }, 'BAD_REQUEST'],
    [
      'a variable of the wrong type',
      {
        query: 'subscription ($ref: TeamsAsyncOperationRef!) { teamsAsyncOperation(ref: $ref) { id } }',
        variables: { ref: { location: null } },
      },
      'BAD_USER_INPUT',
    ],
    [
      'a location that is none',
      { query: 'subscription { teamsAsyncOperation(ref: { location: "https://evil.example/x" }) { id } }' },
      'BAD_USER_INPUT',
    ],
    ['no refs at all', { query: 'subscription { teamsAsyncOperations(refs: []) { id } }' }, 'BAD_USER_INPUT'],
  ]

  test.each(mistakes)(
    '%s is answered with `error`, and the socket and its siblings live on',
    async (_, payload, code) => {
      const socket = await openRawSocket(served.webSocketUrl)
      await subscribe(socket, 1)
      socket.send({ id: 'mistake', type: 'subscribe', payload })
      const answer = await socket.receive(({ id }) => id === 'mistake')
      expect(answer).toMatchObject({ type: 'error', payload: [{ extensions: { code } }] })

      operations.find(locationOf(1), { status: 'succeeded' })
      await socket.receive(({ id, type }) => id === '1' && type === 'complete')
      await subscribe(socket, 2)
      expect(socket.socket.readyState).toBe(WebSocket.OPEN)
      expect(socket.messages.filter(({ id }) => id === 'mistake')).toEqual([answer])
      socket.socket.terminate()
    },
  )

  test('a resolver that throws fails its own query only, and tells nothing of itself', async () => {
    operations.refuse = Object.assign(new Error('password=hunter2'), { stack: 'at secret.ts:1' })
    const socket = await openRawSocket(served.webSocketUrl)
    await subscribe(socket, 1)
    socket.send({
      id: 'query',
      type: 'subscribe',
      payload: { query: `{ teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { id } }` },
    })
    await socket.receive(({ id, type }) => id === 'query' && type === 'complete')
    const [{ id: logged } = { id: '' }] = served.unexpected
    expect(socket.messages.filter(({ id, type }) => id === 'query' && type === 'next')).toEqual([
      {
        id: 'query',
        type: 'next',
        payload: {
          data: { teamsAsyncOperation: null },
          errors: [
            {
              message: `Unexpected error. The log of the gateway has it under ${logged}.`,
              path: ['teamsAsyncOperation'],
              locations: [{ line: 1, column: 3 }],
              extensions: { code: 'INTERNAL_SERVER_ERROR', id: logged },
            },
          ],
        },
      },
    ])
    operations.find(locationOf(1), { status: 'succeeded' })
    await socket.receive(({ id, type }) => id === '1' && type === 'complete')
    socket.socket.terminate()
  })
})

describe('a subscription', () => {
  test('sends the current state, every change, and completes after the terminal one', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    await subscribe(socket, 1)
    for (const attemptsCount of [2, 3]) {
      operations.find(locationOf(1), { attemptsCount })
      await socket.receive(({ payload }) =>
        JSON.stringify(payload ?? null).includes(`"revision":${attemptsCount}`),
      )
    }
    operations.find(locationOf(1), { status: 'failed' })
    await socket.receive(({ type }) => type === 'complete')
    expect(socket.messages.slice(1)).toEqual([
      ...[1, 2, 3].map((revision) => ({
        id: '1',
        type: 'next',
        payload: { data: { teamsAsyncOperation: { status: 'IN_PROGRESS', polling: { revision } } } },
      })),
      {
        id: '1',
        type: 'next',
        payload: { data: { teamsAsyncOperation: { status: 'FAILED', polling: { revision: 4 } } } },
      },
      { id: '1', type: 'complete' },
    ])
    socket.socket.terminate()
  })

  test('that fails on the way gets a GraphQL error and ends; the socket lives', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    await subscribe(socket, 1)
    await subscribe(socket, 2)
    operations.fail(locationOf(1), new OperationLostError('It is gone', { requestId: 'the-request' }))
    const answer = await socket.receive(({ id, type }) => id === '1' && type === 'error')
    expect(answer.payload).toEqual([
      { message: 'It is gone', extensions: { code: 'OPERATION_LOST', requestId: 'the-request' } },
    ])
    await subscribe(socket, 3)
    operations.find(locationOf(2), { status: 'succeeded' })
    await socket.receive(({ id, type }) => id === '2' && type === 'complete')
    expect(socket.messages.findLast(({ id }) => id === '1')).toEqual(answer)
    socket.socket.terminate()
  })

  /** Subscribes to both operations with id `several`, and gets the current state of each. */
  async function subscribeToSeveral(...locations: readonly string[]): Promise<RawSocket> {
    operations.find(locationOf(1))
    operations.find(locationOf(2))
    const socket = await openRawSocket(served.webSocketUrl)
    const query = `subscription ($refs: [TeamsAsyncOperationRef!]!) {
      teamsAsyncOperations(refs: $refs) { location status }
    }`
    const refs = locations.map((location) => ({ location }))
    socket.send({ id: 'several', type: 'subscribe', payload: { query, variables: { refs } } })
    await vi.waitFor(() => expect(socket.messages).toHaveLength(3))
    return socket
  }

  test('to several operations keys states by operation, once each, and completes after the last', async () => {
    const otherSpelling = `https://graph.microsoft.com/v1.0${locationOf(1)}`
    const socket = await subscribeToSeveral(locationOf(1), otherSpelling, locationOf(2))
    expect(operations.watchers(locationOf(1))).toBe(1)
    operations.find(locationOf(1), { status: 'succeeded' })
    await vi.waitFor(() => expect(socket.messages).toHaveLength(4))
    operations.find(locationOf(2), { status: 'failed' })
    await socket.receive(({ type }) => type === 'complete')
    const states = socket.messages.slice(1, -1).map(({ payload }) => payload)
    expect(states).toEqual(
      [
        { location: locationOf(1), status: 'IN_PROGRESS' },
        { location: locationOf(2), status: 'IN_PROGRESS' },
        { location: locationOf(1), status: 'SUCCEEDED' },
        { location: locationOf(2), status: 'FAILED' },
      ].map((operation) => ({ data: { teamsAsyncOperations: operation } })),
    )
    socket.socket.terminate()
  })

  test('to several operations survives that one of them can not be followed', async () => {
    const socket = await subscribeToSeveral(locationOf(1), locationOf(2))
    operations.fail(locationOf(1), new OperationLostError('It is gone'))
    const failure = await socket.receive(({ payload }) => JSON.stringify(payload ?? null).includes('errors'))
    expect(failure).toMatchObject({
      type: 'next',
      payload: {
        data: null,
        errors: [{ message: 'It is gone', extensions: { code: 'OPERATION_LOST', location: locationOf(1) } }],
      },
    })
    operations.find(locationOf(2), { status: 'succeeded' })
    await socket.receive(({ type }) => type === 'complete')
    expect(served.unexpected).toEqual([])
    socket.socket.terminate()
  })

  test('to what is followed shows the overview, now and whenever it changes', async () => {
    operations.find(locationOf(1))
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send({
      id: 'overview',
      type: 'subscribe',
      payload: { query: 'subscription { followedOperations { status } }' },
    })
    await socket.receive(({ type }) => type === 'next')
    operations.find(locationOf(2), { status: 'failed' })
    await vi.waitFor(() => expect(socket.messages).toHaveLength(3))
    expect(socket.messages.slice(1).map(({ payload }) => payload)).toEqual([
      { data: { followedOperations: [{ status: 'IN_PROGRESS' }] } },
      { data: { followedOperations: [{ status: 'IN_PROGRESS' }, { status: 'FAILED' }] } },
    ])
    socket.socket.terminate()
  })
})

describe('a subscriber that leaves a quiet operation is gone at once', () => {
  const ways: [string, (socket: RawSocket) => void][] = [
    ['completes the subscription', (socket) => socket.send({ id: '1', type: 'complete' })],
    ['closes the socket', (socket) => socket.socket.close()],
    ['breaks the connection', (socket) => socket.socket.terminate()],
  ]

  test.each(ways)('when it %s', async (_, leave) => {
    const socket = await openRawSocket(served.webSocketUrl)
    await subscribe(socket, 1)
    expect(operations.watchers(locationOf(1))).toBe(1)
    leave(socket)
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(0))
    socket.socket.terminate()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
  })
})

describe('a query', () => {
  test('works over WebSocket as well, introspection included', async () => {
    const client = served.webSocketClient()
    for await (const result of client.iterate({
      query: '{ __schema { queryType { name } } followedOperations { id } }',
    })) {
      expect(result).toEqual({ data: { __schema: { queryType: { name: 'Query' } }, followedOperations: [] } })
    }
  })
})

describe('a message against the protocol closes the socket with a code that says so', () => {
  const messages: [string, number, (socket: RawSocket) => void][] = [
    ['no JSON', 4400, (socket) => socket.send('{')],
    ['no message of the protocol', 4400, (socket) => socket.send({ type: 'hello' })],
    ['a message that only servers send', 4400, (socket) => socket.send({ type: 'connection_ack' })],
    ['a second connection_init', 4429, (socket) => socket.send({ type: 'connection_init' })],
    ['more than 64 kB', 1009, (socket) => socket.send('x'.repeat(65_537))],
    [
      'an id that is in use',
      4409,
      (socket) => socket.send({ id: '1', type: 'subscribe', payload: subscription(1) }),
    ],
  ]

  test.each(messages)('%s: %i', async (_, code, send) => {
    const socket = await openRawSocket(served.webSocketUrl)
    await subscribe(socket, 1)
    send(socket)
    expect(await socket.closed()).toMatchObject({ code })
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(0))
    expect(served.unexpected).toEqual([])
  })

  test('a subscribe before connection_init: 4401', async () => {
    const socket = connectRawSocket(served.webSocketUrl)
    await once(socket.socket, 'open')
    socket.send({ id: '1', type: 'subscribe', payload: subscription(1) })
    expect(await socket.closed()).toMatchObject({ code: 4401 })
  })
})

describe('an upgrade is refused', () => {
  async function statusOf(
    url: string,
    protocols: string[],
    headers: Record<string, string> = {},
  ): Promise<number> {
    const socket = new WebSocket(url, protocols, { headers })
    socket.on('error', () => {})
    return new Promise((resolve) => {
      socket.on('unexpected-response', (_, response) => {
        resolve(response.statusCode ?? 0)
        socket.terminate()
      })
      socket.on('open', () => {
        resolve(101)
        socket.terminate()
      })
    })
  }
  const protocol = ['graphql-transport-ws']

  test('to the page of another site, before it is one', async () => {
    const status = (origin: string): Promise<number> => statusOf(served.webSocketUrl, protocol, { origin })
    expect(await status('https://evil.example')).toBe(403)
    expect(await status('null')).toBe(403)
    expect(await status(`${served.origin}.evil.example`)).toBe(403)
    expect(await status('http://127.0.0.1:1')).toBe(403)
    expect(await status(served.origin)).toBe(101)
  })

  test('under a foreign name, which a name server may give this address', async () => {
    expect(await statusOf(served.webSocketUrl, protocol, { host: 'evil.example' })).toBe(403)
  })

  test('to other paths and other protocols', async () => {
    expect(await statusOf(`${served.webSocketUrl}/other`, protocol)).toBe(404)
    expect(await statusOf(served.webSocketUrl, ['graphql-ws'])).toBe(400)
    expect(await statusOf(served.webSocketUrl, [])).toBe(400)
  })

  test('while the gateway stops', async () => {
    await served.gateway.drain()
    expect(await statusOf(served.webSocketUrl, protocol)).toBe(503)
  })
})

test('a gateway that stops closes sockets with 1012, and leaves nobody watching', async () => {
  const socket = await openRawSocket(served.webSocketUrl)
  await subscribe(socket, 1)
  await served.stop()
  expect(await socket.closed()).toEqual({ code: 1012, reason: 'Service restart' })
  expect(socket.messages.filter(({ type }) => type === 'complete')).toEqual([])
  expect(operations.watchers(locationOf(1))).toBe(0)
})

test('a gateway that stops does not wait for a client that does not answer', async () => {
  const socket = await openRawSocket(served.webSocketUrl)
  await subscribe(socket, 1)
  socket.socket.pause()
  await served.stop(100)
  expect(served.gateway.openConnections).toBe(0)
  expect(operations.watchers(locationOf(1))).toBe(0)
  socket.socket.terminate()
})

describe('keep-alive', () => {
  test('pings idle sockets, and ends those whose other end is gone', async () => {
    const clock = createVirtualClock()
    const idle = await serveGateway({ operations: operations.client, clock, keepAliveMs: 10_000 })
    const alive = await openRawSocket(idle.webSocketUrl)
    const gone = await openRawSocket(idle.webSocketUrl, { autoPong: false })
    gone.send({ id: '1', type: 'subscribe', payload: subscription(1) })
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(1))
    for (let beat = 0; beat < 3; beat++) {
      const pinged = once(alive.socket, 'ping')
      await clock.advance(10_000)
      await pinged
      // Frames are read in order: with this answer, the one to the ping has been read.
      const answered = once(alive.socket, 'pong')
      alive.socket.ping()
      await answered
    }
    expect(await gone.closed()).toMatchObject({ code: 1006 })
    expect(operations.watchers(locationOf(1))).toBe(0)
    expect(alive.socket.readyState).toBe(WebSocket.OPEN)
    alive.socket.terminate()
    await vi.waitFor(() => expect(clock.pendingTimers).toBe(0))
    await idle[Symbol.asyncDispose]()
  })
})
