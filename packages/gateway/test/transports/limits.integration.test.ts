import { once } from 'node:events'
import { connect } from 'node:net'
import { OperationLostError } from '@teams-operations/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { LimitOptions } from '../../src/access/limits.ts'
import { everyStream, everyTransport } from '../every-transport.ts'
import type { AskedRequest } from '../exchange.ts'
import { connectRawSocket, openRawSocket, type RawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const watch = `subscription ($location: String!) {
  teamsAsyncOperation(ref: { location: $location }) { status polling { revision } }
}`
const watchAll = `subscription ($refs: [TeamsAsyncOperationRef!]!) {
  teamsAsyncOperations(refs: $refs) { location status }
}`

let operations: ScriptedOperations
let served: ServedGateway | undefined

beforeEach(() => {
  operations = scriptedOperations()
})

afterEach(async () => {
  await served?.[Symbol.asyncDispose]()
  expect(served?.unexpected).toEqual([])
})

async function serveWith(limits: LimitOptions): Promise<ServedGateway> {
  return (served = await serveGateway({ operations: operations.client, limits }))
}

function subscribe(socket: RawSocket, id: string, location = locationOf(1)): void {
  socket.send({ id, type: 'subscribe', payload: { query: watch, variables: { location } } })
}

function answerTo(socket: RawSocket, wanted: string): ReturnType<RawSocket['receive']> {
  return socket.receive(({ id, type }) => id === wanted && type !== 'complete')
}

/** Sees that whatever happened on the socket harmed nothing else on it. */
async function expectToLiveOn(socket: RawSocket): Promise<void> {
  socket.send({ id: 'alive', type: 'subscribe', payload: { query: '{ __typename }' } })
  expect(await socket.receive(({ id }) => id === 'alive')).toMatchObject({ type: 'next' })
}

describe.each(everyTransport)('over %s', (_, { ask }) => {
  const field = 'followedOperations { id }'
  const deep =
    '{ teamsAsyncOperations(of: { teamId: "x" }) { edges { node { polling { problem { code } } } } } }'

  test.each<[string, LimitOptions, AskedRequest, string]>([
    ['tokens', { maxTokens: 5 }, { query: `{ ${field} ${field} }` }, 'GRAPHQL_PARSE_FAILED'],
    ['depth', { maxDepth: 5 }, { query: deep }, 'GRAPHQL_VALIDATION_FAILED'],
    ['fields', { maxFields: 2 }, { query: `{ __typename ${field} }` }, 'GRAPHQL_VALIDATION_FAILED'],
    ['aliases', { maxAliases: 1 }, { query: '{ a: __typename b: __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['overviews', {}, { query: `{ a: ${field} b: ${field} }` }, 'GRAPHQL_VALIDATION_FAILED'],
    ['root fields', { maxRootFields: 1 }, { query: `{ __typename ${field} }` }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'directives',
      { maxDirectives: 1 },
      { query: '{ __typename @skip(if: false) @include(if: true) }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'variables',
      { maxVariablesBytes: 20 },
      { query: `query ($a: String) { ${field} }`, variables: { a: 'x'.repeat(20) } },
      'BAD_USER_INPUT',
    ],
    [
      'levels of variables',
      { maxVariablesDepth: 2 },
      { query: '{ __typename }', variables: { a: [[[]]] } },
      'BAD_USER_INPUT',
    ],
  ])('too many %s are refused, and nothing else is', async (_name, limits, request, code) => {
    const gateway = await serveWith(limits)
    const { data, errors = [] } = await ask(gateway, request)
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([{ extensions: { code } }])
    expect(errors[0]?.extensions).toEqual({ code })
    expect(await ask(gateway, { query: '{ __typename }' })).toEqual({ data: { __typename: 'Query' } })
  })
})

describe.each(everyStream)('a subscription over %s', (_, { ask, attempt, start, connection }) => {
  test('to too many operations at once is refused', async () => {
    const gateway = await serveWith({ maxRefs: 2 })
    const refs = [1, 2, 3].map((n) => ({ location: locationOf(n) }))
    expect(await ask(gateway, { query: watchAll, variables: { refs } })).toMatchObject({
      errors: [{ message: 'Expected at most 2 of `refs`, got 3.', extensions: { code: 'BAD_USER_INPUT' } }],
    })
    expect(operations.watchers(locationOf(1))).toBe(0)
  })

  test('to one operation more than are followed is refused, and to one of those is not', async () => {
    const gateway = await serveWith({ maxFollowedOperations: 1 })
    operations.find(locationOf(1))
    const socket = await openRawSocket(gateway.webSocketUrl)
    subscribe(socket, '1')
    await answerTo(socket, '1')
    const variables = { location: locationOf(2) }
    expect(await ask(gateway, { query: watch, variables })).toMatchObject({
      errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    })
    // Another document, so that it has an execution of its own.
    expect(await ask(gateway, { query: `${watch} `, variables: { location: locationOf(1) } })).toMatchObject({
      data: { teamsAsyncOperation: { status: 'IN_PROGRESS' } },
    })
    socket.socket.terminate()
  })

  test('over one connection more than there may be, of all clients, is refused until one leaves', async () => {
    const gateway = await serveWith({ maxConnections: everyStream.length })
    operations.find(locationOf(1))
    const query = watch.replace('($location: String!)', '').replace('$location', `"${locationOf(1)}"`)
    const others = await Promise.all(everyStream.map(([, other]) => other.start(gateway, { query })))
    for (const { results } of others) await vi.waitFor(() => expect(results()).toHaveLength(1))
    expect(await attempt(gateway, query)).toEqual({
      refusedWith: connection === 'websocket' ? 1013 : 503,
      said: expect.stringMatching(/too many connections/i) as string,
    })
    expect(gateway.gateway.openConnections).toBe(everyStream.length)
    others[0]?.leave()
    await vi.waitFor(() => expect(gateway.gateway.openConnections).toBe(everyStream.length - 1))
    const next = await start(gateway, { query })
    await vi.waitFor(() => expect(next.results()).toHaveLength(1))
    for (const { leave } of [...others, next]) leave()
  })
})

test('of several operations only those are refused that are one too many to follow', async () => {
  const gateway = await serveWith({ maxFollowedOperations: 1 })
  operations.find(locationOf(1))
  const socket = await openRawSocket(gateway.webSocketUrl)
  const refs = [1, 2].map((n) => ({ location: locationOf(n) }))
  socket.send({ id: '1', type: 'subscribe', payload: { query: watchAll, variables: { refs } } })
  const refusal = await socket.receive(({ payload }) => JSON.stringify(payload ?? {}).includes('errors'))
  expect(refusal).toMatchObject({
    type: 'next',
    payload: { errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', location: locationOf(2) } }] },
  })
  operations.find(locationOf(1), { status: 'succeeded' })
  await socket.receive(({ type }) => type === 'complete')
  expect(JSON.stringify(socket.messages)).toContain('SUCCEEDED')
  socket.socket.terminate()
})

describe('over one WebSocket', () => {
  test('an overview of many operations takes the place of as many requests as it costs', async () => {
    const { client } = operations
    served = await serveGateway({
      operations: { ...client, stats: () => ({ ...client.stats(), followed: 1_000 }) },
      limits: { requestRatePerConnection: { burst: 45, perSecond: 0.1 } },
    })
    const socket = await openRawSocket(served.webSocketUrl)
    const ask = (id: string, query: string): void =>
      socket.send({ id, type: 'subscribe', payload: { query } })
    ask('1', '{ followedOperations { id } }')
    expect(await answerTo(socket, '1')).toMatchObject({ type: 'next' })
    for (const id of ['2', '3', '4', '5', '6']) ask(id, '{ __typename }')
    expect(await answerTo(socket, '5')).toMatchObject({ type: 'next' })
    expect(await answerTo(socket, '6')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'THROTTLED' } }],
    })
    socket.socket.terminate()
  })

  test('one subscription too many is refused, until another one ends', async () => {
    const gateway = await serveWith({ maxSubscriptionsPerConnection: 2 })
    operations.find(locationOf(1))
    const socket = await openRawSocket(gateway.webSocketUrl)
    for (const id of ['1', '2', '3']) subscribe(socket, id)
    expect(await answerTo(socket, '3')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    })
    await expectToLiveOn(socket)
    socket.send({ id: '1', type: 'complete' })
    subscribe(socket, '4')
    expect(await answerTo(socket, '4')).toMatchObject({ type: 'next' })
    const other = await openRawSocket(gateway.webSocketUrl)
    for (const id of ['1', '2']) subscribe(other, id)
    expect(await answerTo(other, '2')).toMatchObject({ type: 'next' })
    for (const { socket: open } of [socket, other]) open.terminate()
  })

  test('one that completes, fails or is refused makes room by itself', async () => {
    const gateway = await serveWith({ maxSubscriptionsPerConnection: 1 })
    const socket = await openRawSocket(gateway.webSocketUrl)
    for (let n = 1; n <= 30; n += 3) {
      for (const i of [n, n + 1]) {
        operations.find(locationOf(i))
        subscribe(socket, `${i}`, locationOf(i))
        expect(await answerTo(socket, `${i}`)).toMatchObject({ type: 'next' })
        if (i === n) operations.find(locationOf(i), { status: 'succeeded' })
        else operations.fail(locationOf(i), new OperationLostError('gone'))
        await socket.receive(({ id, type }) => id === `${i}` && type !== 'next')
      }
      subscribe(socket, `${n + 2}`, 'nonsense')
      expect(await answerTo(socket, `${n + 2}`)).toMatchObject({
        type: 'error',
        payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      })
    }
    socket.socket.terminate()
  })

  test('requests that come too fast are refused one by one, and told when to come again', async () => {
    const gateway = await serveWith({ requestRatePerConnection: { burst: 3, perSecond: 0.1 } })
    const socket = await openRawSocket(gateway.webSocketUrl)
    operations.find(locationOf(1))
    subscribe(socket, 'watch')
    for (const id of ['1', '2', '3']) {
      socket.send({ id, type: 'subscribe', payload: { query: '{ __typename }' } })
    }
    expect(await answerTo(socket, '3')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'THROTTLED', retryAfter: 10 } }],
    })
    operations.find(locationOf(1), { status: 'succeeded' })
    await socket.receive(({ id, type }) => id === 'watch' && type === 'complete')
    expect(await answerTo(socket, '2')).toMatchObject({ type: 'next' })
    expect(socket.socket.readyState).toBe(WebSocket.OPEN)
    socket.socket.terminate()
  })

  test('messages that come too fast are read at their rate, and none is lost', async () => {
    const gateway = await serveWith({ messageRate: { burst: 10, perSecond: 100 } })
    const socket = await openRawSocket(gateway.webSocketUrl)
    const padding = 'x'.repeat(10_000)
    const startedAt = performance.now()
    for (let i = 0; i < 60; i++) socket.send({ type: 'ping', payload: { i, padding } })
    await vi.waitFor(() => expect(socket.messages).toHaveLength(61), { timeout: 5_000 })
    expect(socket.messages.slice(1).map(({ payload }) => payload)).toEqual(
      Array.from({ length: 60 }, (_, i) => ({ i, padding })),
    )
    // 50 of them at 100 per second, but for those that were in the last chunk that was read.
    expect(performance.now() - startedAt).toBeGreaterThan(300)
    socket.socket.terminate()
  })

  test('an id that is too long is refused, and comes back whole', async () => {
    const gateway = await serveWith({})
    const socket = await openRawSocket(gateway.webSocketUrl)
    const long = 'i'.repeat(257)
    subscribe(socket, long)
    expect(await answerTo(socket, long)).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
    await expectToLiveOn(socket)
    socket.socket.terminate()
  })
})

describe('connections', () => {
  test('beyond their number are closed with 1013, so that clients come back, until there is room', async () => {
    const gateway = await serveWith({ maxConnections: 2 })
    const sockets = [await openRawSocket(gateway.webSocketUrl), await openRawSocket(gateway.webSocketUrl)]
    const refused = connectRawSocket(gateway.webSocketUrl)
    expect(await refused.closed()).toEqual({ code: 1013, reason: 'Too many connections' })
    for (const socket of sockets) await expectToLiveOn(socket)
    const stream = await gateway.post(
      { query: watch, variables: { location: locationOf(1) } },
      { Accept: 'text/event-stream' },
    )
    expect(stream.status).toBe(503)
    expect(stream.headers.get('retry-after')).toBe('5')
    // Queries need none.
    expect((await gateway.post({ query: '{ __typename }' })).status).toBe(200)
    sockets[0]?.socket.terminate()
    await vi.waitFor(async () => {
      const socket = await openRawSocket(gateway.webSocketUrl)
      socket.socket.terminate()
    })
    for (const { socket } of sockets) socket.terminate()
  })

  test('of strangers take nobody else’s place, until it is known whose they are', async () => {
    const gateway = await serveWith({ maxConnections: 2 })
    const arrive = async (): Promise<RawSocket> => {
      const socket = connectRawSocket(gateway.webSocketUrl)
      await once(socket.socket, 'open')
      return socket
    }
    const strangers = [await arrive(), await arrive()]
    const oneTooMany = connectRawSocket(gateway.webSocketUrl)
    expect(await oneTooMany.closed()).toMatchObject({ code: 1013 })
    const streams = await Promise.all(
      Array.from({ length: 2 }, () =>
        gateway.post(
          { query: watch, variables: { location: locationOf(1) } },
          { Accept: 'text/event-stream' },
        ),
      ),
    )
    expect(streams.map(({ status }) => status)).toEqual([200, 200])
    // Now that they have said whose they are, they are as all others.
    for (const stranger of strangers) {
      stranger.send({ type: 'connection_init' })
      expect(await stranger.closed()).toMatchObject({ code: 1013 })
    }
    for (const { body } of streams) await body?.cancel()
    const known = await openRawSocket(gateway.webSocketUrl)
    known.socket.terminate()
    await vi.waitFor(() => expect(gateway.gateway.openConnections).toBe(0))
  })

  test.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
    'are never more than their number, also while it is looked into what they may see: %s',
    async (accept) => {
      const decision = Promise.withResolvers<boolean>()
      served = await serveGateway({
        operations: operations.client,
        limits: { maxConnections: 2 },
        auth: { authorize: () => decision.promise },
      })
      operations.find(locationOf(1))
      const ask = (): Promise<Response> =>
        served?.post({ query: watch, variables: { location: locationOf(1) } }, { Accept: accept }) ??
        Promise.reject(new Error('Not served'))
      const asked = Array.from({ length: 6 }, ask)
      const statuses: number[] = []
      for (const answer of asked) void answer.then(({ status }) => statuses.push(status))
      await vi.waitFor(() =>
        expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 503, 503, 503, 503]),
      )
      decision.resolve(true)
      const taken = (await Promise.all(asked)).filter(({ status }) => status === 200)
      expect(taken).toHaveLength(2)
      expect(served.gateway.openConnections).toBe(2)
      for (const { body } of taken) await body?.cancel()
      await vi.waitFor(() => expect(served?.gateway.openConnections).toBe(0))
    },
  )

  test.each([
    ['is refused', false, false],
    ['has left meanwhile', true, true],
  ])('do not count a subscriber who %s', async (_, isAllowed, hasLeft) => {
    const decision = Promise.withResolvers<boolean>()
    let isAsked = false
    served = await serveGateway({
      operations: operations.client,
      limits: { maxConnections: 1 },
      auth: {
        authorize: () => {
          isAsked = true
          return decision.promise
        },
      },
    })
    const { url, gateway } = served
    operations.find(locationOf(1))
    const leaving = new AbortController()
    const ask = (signal?: AbortSignal): Promise<Response> =>
      fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
        body: JSON.stringify({ query: watch, variables: { location: locationOf(1) } }),
        signal: signal ?? null,
      })
    const answer = ask(leaving.signal)
    await vi.waitFor(() => expect(isAsked).toBe(true))
    expect((await ask()).status).toBe(503)
    if (hasLeft) leaving.abort()
    decision.resolve(isAllowed)
    // The stream is there at once, and shows nothing until it is decided.
    if (hasLeft) await expect(answer.then((left) => left.text())).rejects.toThrow('aborted')
    else expect(await (await answer).text()).toContain('FORBIDDEN')
    await vi.waitFor(async () => {
      const next = await ask()
      await next.body?.cancel()
      expect(next.status).toBe(200)
    })
    await vi.waitFor(() => expect(gateway.openConnections).toBe(0))
    expect(operations.watchers(locationOf(1))).toBe(0)
  })

  test('beyond their number are cut when their client does not leave', async () => {
    const gateway = await serveWith({ maxConnections: 1 })
    const first = await openRawSocket(gateway.webSocketUrl)
    const { port, host } = new URL(gateway.origin)
    const socket = connect(Number(port), '127.0.0.1')
    const startedAt = performance.now()
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    )
    // The close frame is read, and not answered.
    socket.resume()
    socket.on('error', () => {})
    await once(socket, 'close')
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    first.socket.terminate()
  })

  test('of which nobody said whose they are are limited for each address', async () => {
    const gateway = await serveWith({ maxUnauthenticatedPerAddress: 2 })
    const silent = [connectRawSocket(gateway.webSocketUrl), connectRawSocket(gateway.webSocketUrl)]
    for (const { socket } of silent) await once(socket, 'open')
    expect(await statusOfUpgrade(gateway)).toBe(429)
    // One of them says so, one leaves.
    silent[0]?.send({ type: 'connection_init' })
    await silent[0]?.receive(({ type }) => type === 'connection_ack')
    expect(await statusOfUpgrade(gateway)).toBe(101)
    silent[1]?.socket.terminate()
    const others = [connectRawSocket(gateway.webSocketUrl), connectRawSocket(gateway.webSocketUrl)]
    await vi.waitFor(() => {
      for (const { socket } of others) expect(socket.readyState).toBe(WebSocket.OPEN)
    })
    for (const { socket } of [...silent, ...others]) socket.terminate()
  })

  test('that do not say whose they are in time are closed with 4408', async () => {
    const gateway = await serveWith({ connectionInitMs: 50 })
    const socket = connectRawSocket(gateway.webSocketUrl)
    expect(await socket.closed()).toMatchObject({ code: 4408 })
  })

  async function statusOfUpgrade(gateway: ServedGateway): Promise<number> {
    const socket = new WebSocket(gateway.webSocketUrl, 'graphql-transport-ws')
    socket.on('error', () => {})
    try {
      return await new Promise((resolve) => {
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
        socket.on('open', () => resolve(101))
      })
    } finally {
      socket.terminate()
    }
  }
})

test('however clients come and go, nothing of them stays counted', async () => {
  const max = 5
  const gateway = await serveWith({
    maxConnections: max,
    maxUnauthenticatedPerAddress: max,
    maxSubscriptionsPerConnection: 3,
    maxFollowedOperations: 3,
  })
  operations.find(locationOf(1))
  const leave: ((socket: RawSocket) => void)[] = [
    ({ socket }) => socket.terminate(),
    ({ socket }) => socket.close(),
    ({ send }) => send('against the protocol'),
    ({ send }) => [1, 2].forEach(() => send({ type: 'connection_init' })),
  ]
  for (let round = 0; round < 40; round++) {
    const sockets = await Promise.all(
      Array.from({ length: max }, async (_, i) => {
        // Some leave before they are known, in the middle of things.
        const socket = connectRawSocket(gateway.webSocketUrl)
        await once(socket.socket, 'open')
        if ((round + i) % 3 === 0) return socket
        socket.send({ type: 'connection_init' })
        await socket.receive(({ type }) => type === 'connection_ack')
        for (const id of ['1', '2', '3', '4']) subscribe(socket, id, locationOf(Number(id)))
        if ((round + i) % 3 === 1) await answerTo(socket, '4')
        return socket
      }),
    )
    for (const [i, socket] of sockets.entries()) leave[(round + i) % leave.length]?.(socket)
    await Promise.all(sockets.map(({ closed }) => closed()))
    await vi.waitFor(() => expect(gateway.gateway.openConnections).toBe(0))
  }
  for (const n of [1, 2, 3, 4]) expect(operations.watchers(locationOf(n))).toBe(0)
  // All there may be are there for the next ones.
  const last = await Promise.all(Array.from({ length: max }, () => openRawSocket(gateway.webSocketUrl)))
  for (const socket of last) {
    for (const id of ['1', '2', '3']) subscribe(socket, id)
    expect(await answerTo(socket, '3')).toMatchObject({ type: 'next' })
    socket.socket.terminate()
  }
})
