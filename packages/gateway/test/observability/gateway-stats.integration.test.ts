import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Authenticator } from '../../src/access/authenticator.ts'
import { ForbiddenError } from '../../src/errors/forbidden-error.ts'
import { UnauthenticatedError } from '../../src/errors/unauthenticated-error.ts'
import type { GatewayOptions } from '../../src/gateway.ts'
import type { ClosedConnection } from '../../src/observability/connection-record.ts'
import type { CloseReason, RefusalReason } from '../../src/observability/gateway-stats.ts'
import { everyStream, everyTransport } from '../every-transport.ts'
import type { Exchange } from '../exchange.ts'
import { connectRawSocket, openRawSocket, type RawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

let operations: ScriptedOperations
let served: ServedGateway
let told: ClosedConnection[]
let turnedAway: [RefusalReason, string | undefined][]

const watch = (n: number): { readonly query: string } => ({
  query: `subscription { teamsAsyncOperation(ref: { location: "${locationOf(n)}" }) { status } }`,
})

async function serve(options: Partial<GatewayOptions> = {}): Promise<void> {
  served = await serveGateway({
    operations: operations.client,
    onConnectionClosed: (connection) => told.push(connection),
    onTurnedAway: (...refusal) => turnedAway.push(refusal),
    ...options,
  })
}

beforeEach(() => {
  operations = scriptedOperations()
  told = []
  turnedAway = []
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

async function subscribe(socket: RawSocket, id: string, n: number): Promise<void> {
  const before = operations.watchers(locationOf(n))
  socket.send({ id, type: 'subscribe', payload: watch(n) })
  await vi.waitFor(() =>
    expect(operations.watchers(locationOf(n))).toBeGreaterThanOrEqual(Math.max(before, 1)),
  )
  await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBeGreaterThan(0))
}

async function toldOf(reason: CloseReason): Promise<ClosedConnection> {
  await vi.waitFor(() => expect(told.map((connection) => connection.reason)).toContain(reason))
  return told.find((connection) => connection.reason === reason) as ClosedConnection
}

const eventStream = { Accept: 'text/event-stream' }

describe('the numbers of a gateway', () => {
  test('count connections, subscriptions, operations and what was sent, over whatever it came', async () => {
    await serve()
    const exchanges = await Promise.all(everyStream.map(([, { start }]) => start(served, watch(1))))
    await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBe(everyStream.length))
    for (const [, { ask }] of everyTransport) {
      expect(await ask(served, { query: '{ followedOperations { id } }' })).toHaveProperty('data')
    }
    operations.find(locationOf(1))
    for (const { results } of exchanges) await vi.waitFor(() => expect(results()).toHaveLength(1))
    expect(served.gateway.stats()).toMatchObject({
      operations: { query: everyTransport.length, mutation: 0, subscription: everyStream.length },
      executions: 1,
      deliveries: everyStream.length,
      conflations: 0,
    })
    for (const { leave } of exchanges) leave()
    await vi.waitFor(() =>
      expect(served.gateway.stats()).toMatchObject({
        connections: { websocket: 0, sse: 0, multipart: 0 },
        subscriptions: 0,
      }),
    )
  })

  test('count who was turned away, and why', async () => {
    await serve()
    const evil = 'https://evil.example'
    await served.post({ query: '{ __typename }' }, { Origin: evil })
    await served.post({ query: '{ __typename }' }, { 'Content-Type': 'text/plain' })
    await fetch(`${served.origin}/elsewhere`)
    await fetch(`${served.url}?access_token=x`)
    for (const [path, options] of [
      ['/graphql', { origin: evil }],
      ['/elsewhere', {}],
    ] as const) {
      const url = served.webSocketUrl.replace('/graphql', path)
      const socket = new WebSocket(url, 'graphql-transport-ws', options)
      await once(socket, 'unexpected-response')
    }
    expect(served.gateway.stats().refusals).toMatchObject({
      origin: 2,
      'media-type': 1,
      path: 2,
      'token-in-url': 1,
      host: 0,
    })
    expect(turnedAway).toEqual([
      ['origin', evil],
      ['media-type', undefined],
      ['path', undefined],
      ['token-in-url', undefined],
      ['origin', evil],
      ['path', undefined],
    ])
  })
})

describe.each(everyTransport)('over %s', (_, { ask }) => {
  test('operations are counted by their type, and errors that clients are told by their code', async () => {
    await serve()
    await ask(served, { query: '{ __typename }' })
    await ask(served, { query: '{' })
    await ask(served, { query: '{ nothing }' })
    operations.refuse = new Error('nobody foresaw this')
    await ask(served, { query: `{ teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { id } }` })
    const { operations: counted, errors } = served.gateway.stats()
    expect(counted).toEqual({ query: 2, mutation: 0, subscription: 0 })
    expect(Object.fromEntries(Object.entries(errors).filter(([, count]) => count > 0))).toEqual({
      GRAPHQL_PARSE_FAILED: 1,
      GRAPHQL_VALIDATION_FAILED: 1,
      INTERNAL_SERVER_ERROR: 1,
    })
  })
})

describe.each(everyStream)('over %s', (_, { start, connection: transport = 'sse' }) => {
  const none = { websocket: 0, sse: 0, multipart: 0 }

  /** Subscribes, and waits until there is nothing more to come at once. */
  async function follow(): Promise<Exchange> {
    operations.find(locationOf(1))
    const exchange = await start(served, watch(1))
    await vi.waitFor(() => expect(exchange.results()).toHaveLength(1))
    return exchange
  }

  test('a connection counts while it is there, and is told of when its client has left', async () => {
    await serve()
    const exchange = await follow()
    operations.find(locationOf(1), { attemptsCount: 2, status: 'notStarted' })
    await vi.waitFor(() => expect(exchange.results()).toHaveLength(2))
    expect(served.gateway.stats()).toMatchObject({
      connections: { ...none, [transport]: 1 },
      connectionsOpened: { ...none, [transport]: 1 },
      subscriptions: 1,
      operations: { query: 0, mutation: 0, subscription: 1 },
      executions: 2,
      deliveries: 2,
    })
    exchange.leave()
    // A WebSocket has a word for leaving, which was not said.
    const reason = transport === 'websocket' ? 'lost' : 'left'
    expect(await toldOf(reason)).toMatchObject({
      transport,
      principalId: 'anonymous',
      subscriptions: 1,
      conflations: 0,
    })
    expect(told[0]?.bytesSent).toBeGreaterThan(100)
    expect(served.gateway.stats()).toMatchObject({
      connections: none,
      connectionsOpened: { ...none, [transport]: 1 },
      connectionsClosed: { [reason]: 1 },
      subscriptions: 0,
    })
  })

  test('a subscription counts until it is complete', async () => {
    await serve()
    const exchange = await follow()
    operations.find(locationOf(1), { status: 'succeeded' })
    await vi.waitFor(() => expect(exchange.isComplete()).toBe(true))
    await vi.waitFor(() => expect(served.gateway.stats()).toMatchObject({ subscriptions: 0, deliveries: 2 }))
    exchange.leave()
  })

  test('a connection that the gateway ended is told of as drained', async () => {
    await serve()
    await follow()
    await served.stop()
    expect(told).toMatchObject([{ transport, reason: 'drained', subscriptions: 1 }])
    expect(served.gateway.stats()).toMatchObject({
      connections: none,
      connectionsClosed: { drained: 1 },
      subscriptions: 0,
    })
  })
})

describe('a connection that has ended is told of, with why', () => {
  test('left: its client closed it', async () => {
    await serve({ allowedOrigins: ['https://app.example.com'] })
    const socket = await openRawSocket(served.webSocketUrl, { origin: 'https://app.example.com' })
    await subscribe(socket, '1', 1)
    await subscribe(socket, '2', 2)
    socket.socket.close(1000)
    expect(await toldOf('left')).toMatchObject({
      transport: 'websocket',
      principalId: 'anonymous',
      origin: 'https://app.example.com',
      code: 1000,
      subscriptions: 2,
      conflations: 0,
      bytesSent: expect.any(Number) as number,
      bytesReceived: expect.any(Number) as number,
    })
    expect(told[0]?.bytesReceived).toBeGreaterThan(200)
  })

  test('lost: it broke', async () => {
    await serve()
    const { socket } = await openRawSocket(served.webSocketUrl)
    socket.terminate()
    expect(await toldOf('lost')).toMatchObject({ code: 1006 })
  })

  test('lost: it answers no pings', async () => {
    await serve({ keepAliveMs: 50 })
    const { socket } = await openRawSocket(served.webSocketUrl)
    socket.pause()
    await toldOf('lost')
    socket.terminate()
  })

  test('misused: something came that the protocol does not know', async () => {
    await serve()
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send('not a message')
    expect(await toldOf('misused')).toMatchObject({ code: 4400 })
    const other = await openRawSocket(served.webSocketUrl)
    other.send({ id: '1', type: 'subscribe', payload: { query: ' '.repeat(100_000) } })
    await vi.waitFor(() => expect(told.map(({ code }) => code)).toEqual([4400, 1009]))
  })

  test('drained: the gateway stops, also where the client never answers', async () => {
    await serve()
    const sockets = [await openRawSocket(served.webSocketUrl), await openRawSocket(served.webSocketUrl)]
    const response = await served.post(watch(1), eventStream)
    sockets[0]?.socket.pause()
    await served.stop(200)
    const ends = told.map(({ transport, reason, code }) => `${transport} ${reason} ${code}`)
    expect(ends.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'sse drained undefined',
      'websocket drained 1012',
      'websocket drained 1012',
    ])
    for (const { socket } of sockets) socket.terminate()
    await response.text()
  })

  test('done: the subscription of an event stream is complete', async () => {
    await serve()
    const response = await served.post(watch(1), eventStream)
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(1))
    operations.find(locationOf(1), { status: 'succeeded' })
    const text = await response.text()
    expect(await toldOf('done')).toMatchObject({
      transport: 'sse',
      subscriptions: 1,
      bytesSent: Buffer.byteLength(text),
    })
  })

  test('slow: its client did not read what it asked for, and how many states that cost it', async () => {
    await serve({ limits: { maxUnsentBytes: 100_000, slowClientMs: 100 } })
    const socket = await openRawSocket(served.webSocketUrl)
    await subscribe(socket, '1', 1)
    socket.socket.pause()
    const error = { code: 'Busy', message: 'x'.repeat(200_000) }
    const query = `subscription { teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { error { message } } }`
    for (const id of ['2', '3', '4']) socket.send({ id, type: 'subscribe', payload: { query } })
    await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBe(4))
    // As long as it takes until the operating system takes no more, and some.
    for (const until = performance.now() + 2_000; performance.now() < until;) {
      operations.find(locationOf(1), { error })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    socket.socket.resume()
    expect((await socket.closed()).code).toBe(4508)
    await toldOf('slow')
    const [closed] = told
    expect(closed).toMatchObject({ reason: 'slow', code: 4508 })
    expect(closed?.conflations).toBeGreaterThan(0)
    expect(served.gateway.stats()).toMatchObject({
      connectionsClosed: { slow: 1 },
      conflations: closed?.conflations,
    })
    socket.socket.terminate()
  })

  describe('where clients prove who they are', () => {
    /** `ada`, who may stay for a while, and `bob`, who may not. */
    const authenticator: Authenticator = {
      async authenticate({ connectionParams }) {
        const name = connectionParams?.['authorization']
        if (name === 'Bearer ada') return { id: 'ada', accessClass: 'ada', expiresAt: Date.now() + 300 }
        if (name === 'Bearer bob') throw new ForbiddenError('Not you.', 'It was bob')
        throw new UnauthenticatedError('missing', 'There was no token')
      },
    }

    function connect(authorization: string): RawSocket {
      const socket = connectRawSocket(served.webSocketUrl)
      socket.socket.once('open', () => socket.send({ type: 'connection_init', payload: { authorization } }))
      return socket
    }

    test.each<[CloseReason, number, string, string | undefined]>([
      ['expired', 4403, 'Bearer ada', 'ada'],
      ['expired', 4403, 'Bearer bob', undefined],
      ['unauthenticated', 4401, '', undefined],
    ])('%s, with %i, of %j', async (reason, code, authorization, principalId) => {
      await serve({ auth: { authenticator } })
      const socket = connect(authorization)
      expect((await socket.closed()).code).toBe(code)
      expect(await toldOf(reason)).toMatchObject({ code, principalId })
    })

    test('unauthenticated requests are turned away', async () => {
      await serve({ auth: { authenticator } })
      expect(await served.post({ query: '{ __typename }' })).toMatchObject({ status: 401 })
      expect(turnedAway).toEqual([['unauthenticated', undefined]])
    })
  })

  test('overload: there is no room for another of its user; or, before it is one, of anybody', async () => {
    await serve({ limits: { maxConnections: 1 } })
    const socket = await openRawSocket(served.webSocketUrl)
    const other = connectRawSocket(served.webSocketUrl)
    expect((await other.closed()).code).toBe(1013)
    expect(turnedAway).toEqual([['too-many', undefined]])
    expect(told).toEqual([])
    socket.socket.terminate()
  })
})
