import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { OperationLostError, type OperationsClient, type OperationState } from '@teams-operations/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { frame, upgrade } from '../fuzz/websocket-frames.ts'
import { connectRawSocket, openRawSocket, type Message, type RawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

/**
 * What clients of the protocol rely on, beyond what is special to this gateway: the scenarios of the harness
 * that WunderGraph tests its router with, and of the test suite of graphql-ws.
 *
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
const query = `subscription Watch ($location: String!) {
  teamsAsyncOperation(ref: { location: $location }) { attemptsCount }
}`

let operations: ScriptedOperations
let served: ServedGateway

beforeEach(async () => {
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client })
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  expect(served.unexpected).toEqual([])
})

function subscribe(socket: RawSocket, id: string, n = 1): void {
  socket.send({ id, type: 'subscribe', payload: { query, variables: { location: locationOf(n) } } })
}

/** Subscribes to the nth operation, found in progress, and has its state. */
async function watch(socket: RawSocket, id: string, n = 1): Promise<void> {
  operations.find(locationOf(n))
  subscribe(socket, id, n)
  await socket.receive((message) => message.id === id && message.type === 'next')
}

function next(id: string, attemptsCount: number): Message {
  return { id, type: 'next', payload: { data: { teamsAsyncOperation: { attemptsCount } } } }
}

/** Everything that was sent before this is handled, and answered if ever it will be. */
async function settle(socket: RawSocket): Promise<readonly Message[]> {
  const mark = crypto.randomUUID()
  socket.send({ type: 'ping', payload: { mark } })
  await socket.receive(({ payload }) => (payload as { mark?: string } | undefined)?.mark === mark)
  return socket.messages.filter(({ id }) => id !== undefined)
}

async function connect(): Promise<RawSocket> {
  const socket = connectRawSocket(served.webSocketUrl)
  await once(socket.socket, 'open')
  return socket
}

/** A connection whose messages can leave in one packet. */
async function bareSocket(): Promise<{ socket: Socket; frames: () => string }> {
  const { port, host } = new URL(served.origin)
  const socket = createConnection(Number(port), '127.0.0.1')
  let heard = ''
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  socket.write(upgrade(host))
  await vi.waitFor(() => expect(heard).toContain('101 Switching'))
  socket.write(frame('{"type":"connection_init"}'))
  await vi.waitFor(() => expect(heard).toContain('connection_ack'))
  return { socket, frames: () => heard }
}

describe('the connection', () => {
  test('is spoken in the one subprotocol, also when a client offers others', async () => {
    const socket = new WebSocket(served.webSocketUrl, ['graphql-ws', 'graphql-transport-ws', 'other'])
    await once(socket, 'open')
    expect(socket.protocol).toBe('graphql-transport-ws')
    expect(socket.extensions).toBe('')
    socket.terminate()
  })

  test.each([{}, { payload: null }, { payload: {} }, { payload: { any: ['thing'] } }])(
    'is acknowledged, and nothing else is said: %j',
    async (init) => {
      const socket = await connect()
      socket.send({ type: 'connection_init', ...init })
      await socket.receive(({ type }) => type === 'connection_ack')
      await settle(socket)
      expect(socket.messages[0]).toEqual({ type: 'connection_ack' })
      expect(socket.messages).toHaveLength(2)
      socket.socket.terminate()
    },
  )

  test('is closed with 4429 for a second connection_init, also while the first is being answered', async () => {
    const socket = await connect()
    for (let i = 0; i < 2; i++) socket.send({ type: 'connection_init' })
    expect(await socket.closed()).toEqual({ code: 4429, reason: 'Too many initialisation requests' })
  })

  test('is closed with 4401 for a subscribe before connection_ack', async () => {
    const socket = await connect()
    subscribe(socket, '1')
    socket.send({ type: 'connection_init' })
    expect(await socket.closed()).toEqual({ code: 4401, reason: 'Unauthorized' })
    expect(operations.watchers(locationOf(1))).toBe(0)
  })

  test.each<[string, (socket: RawSocket) => void, number]>([
    ['a close frame', ({ socket }) => socket.close(4321, 'Byebye'), 4321],
    ['a TCP drop', ({ socket }) => socket.terminate(), 1006],
  ])('that a client ends with %s leaves nothing behind', async (_, leave, code) => {
    const socket = await openRawSocket(served.webSocketUrl)
    for (const id of ['1', '2', '3']) await watch(socket, id, Number(id))
    leave(socket)
    expect(await socket.closed()).toMatchObject({ code })
    await vi.waitFor(() => {
      for (const n of [1, 2, 3]) expect(operations.watchers(locationOf(n))).toBe(0)
      expect(served.gateway.openConnections).toBe(0)
    })
  })
})

describe('ping and pong', () => {
  test('a ping is answered at any time, with its payload', async () => {
    const socket = await connect()
    socket.send({ type: 'ping' })
    socket.send({ type: 'ping', payload: null })
    socket.send({ type: 'ping', payload: { some: { deep: ['thing', 1, null] } } })
    await vi.waitFor(() => expect(socket.messages).toHaveLength(3))
    expect(socket.messages).toEqual([
      { type: 'pong' },
      { type: 'pong' },
      { type: 'pong', payload: { some: { deep: ['thing', 1, null] } } },
    ])
    socket.socket.terminate()
  })

  test('a pong that nobody asked for is ignored', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send({ type: 'pong' })
    socket.send({ type: 'pong', payload: { some: 'thing' } })
    expect(await settle(socket)).toEqual([])
    expect(socket.messages).toHaveLength(2)
    socket.socket.terminate()
  })

  test('a ping frame of WebSocket itself is answered as well', async () => {
    const socket = await connect()
    socket.socket.ping('hello')
    const [data] = (await once(socket.socket, 'pong')) as [Buffer]
    expect(data.toString()).toBe('hello')
    socket.socket.terminate()
  })
})

describe('a subscription', () => {
  test('is the operation that operationName says, with its variables', async () => {
    operations.find(locationOf(1), { attemptsCount: 7 })
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send({
      id: '1',
      type: 'subscribe',
      payload: {
        query: `${query} query Other { __typename }`,
        operationName: 'Watch',
        variables: { location: locationOf(1) },
        extensions: { any: 'thing' },
      },
    })
    await socket.receive(({ type }) => type === 'next')
    operations.find(locationOf(1), { attemptsCount: 8, status: 'succeeded' })
    await socket.receive(({ type }) => type === 'complete')
    expect(await settle(socket)).toEqual([next('1', 7), next('1', 8), { id: '1', type: 'complete' }])
    socket.socket.terminate()
  })

  test('is one of many on a connection, each with its own results and end', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    for (const n of [1, 2]) operations.find(locationOf(n), { attemptsCount: n * 10 })
    for (const n of [1, 2]) subscribe(socket, `${n}`, n)
    await socket.receive(({ id, type }) => id === '2' && type === 'next')
    operations.find(locationOf(2), { attemptsCount: 21, status: 'succeeded' })
    await socket.receive(({ type }) => type === 'complete')
    operations.find(locationOf(1), { attemptsCount: 11, status: 'failed' })
    await socket.receive(({ id, type }) => id === '1' && type === 'complete')
    const messages = await settle(socket)
    expect(messages.filter(({ id }) => id === '1')).toEqual([
      next('1', 10),
      next('1', 11),
      { id: '1', type: 'complete' },
    ])
    expect(messages.filter(({ id }) => id === '2')).toEqual([
      next('2', 20),
      next('2', 21),
      { id: '2', type: 'complete' },
    ])
    socket.socket.terminate()
  })

  test('that ends with an error gets no complete after it, and takes no other one along', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    for (const n of [1, 2]) await watch(socket, `${n}`, n)
    operations.fail(locationOf(1), new OperationLostError('It is gone'))
    await socket.receive(({ type }) => type === 'error')
    operations.find(locationOf(2), { attemptsCount: 2, status: 'succeeded' })
    await socket.receive(({ type }) => type === 'complete')
    const messages = await settle(socket)
    expect(messages.filter(({ id }) => id === '1').map(({ type }) => type)).toEqual(['next', 'error'])
    expect(messages.filter(({ id }) => id === '2').map(({ type }) => type)).toEqual([
      'next',
      'next',
      'complete',
    ])
    socket.socket.terminate()
  })

  test('that a client completes ends at once, and nothing more is said of it', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    await watch(socket, '1')
    socket.send({ id: '1', type: 'complete' })
    await settle(socket)
    expect(operations.watchers(locationOf(1))).toBe(0)
    operations.find(locationOf(1), { status: 'succeeded' })
    expect(await settle(socket)).toEqual([next('1', 1)])
    socket.socket.terminate()
  })

  test('that a client completes before it began is never heard of', async () => {
    operations.find(locationOf(1))
    const socket = await openRawSocket(served.webSocketUrl)
    for (let i = 0; i < 50; i++) {
      subscribe(socket, `${i}`)
      socket.send({ id: `${i}`, type: 'complete' })
    }
    const messages = await settle(socket)
    expect(messages.filter(({ type }) => type !== 'next')).toEqual([])
    expect(operations.watchers(locationOf(1))).toBe(0)
    socket.socket.terminate()
  })

  test.each(['unknown', '1', '__proto__', 'constructor'])(
    'that is over, or never was, can be completed: %s',
    async (id) => {
      const socket = await openRawSocket(served.webSocketUrl)
      await watch(socket, '1')
      operations.find(locationOf(1), { status: 'succeeded' })
      await socket.receive(({ type }) => type === 'complete')
      for (let i = 0; i < 2; i++) socket.send({ id, type: 'complete' })
      await settle(socket)
      await watch(socket, '2', 2)
      socket.socket.terminate()
    },
  )

  test.each(['1', '__proto__', 'constructor', ' ', '\u0000', 'ü'.repeat(60), '💥'])(
    'may have any id: %j',
    async (id) => {
      const socket = await openRawSocket(served.webSocketUrl)
      await watch(socket, id)
      operations.find(locationOf(1), { status: 'succeeded' })
      await socket.receive(({ type }) => type === 'complete')
      expect((await settle(socket)).at(-1)).toEqual({ id, type: 'complete' })
      socket.socket.terminate()
    },
  )
})

describe('the id of a subscription', () => {
  test.each<[string, (socket: RawSocket) => Promise<unknown>]>([
    [
      'has completed',
      async (socket) => {
        operations.find(locationOf(1), { status: 'succeeded' })
        return socket.receive(({ type }) => type === 'complete')
      },
    ],
    [
      'has failed',
      async (socket) => {
        operations.fail(locationOf(1), new OperationLostError('It is gone'))
        return socket.receive(({ type }) => type === 'error')
      },
    ],
    [
      'was completed by its client',
      async (socket) => {
        socket.send({ id: '1', type: 'complete' })
      },
    ],
  ])('can be used again at once when it %s', async (_, end) => {
    const socket = await openRawSocket(served.webSocketUrl)
    for (let round = 0; round < 20; round++) {
      socket.messages.length = 0
      await watch(socket, '1')
      await end(socket)
    }
    operations.find(locationOf(1), { status: 'inProgress', attemptsCount: 3 })
    await settle(socket)
    socket.messages.length = 0
    subscribe(socket, '1')
    expect(await socket.receive(({ id }) => id === '1')).toEqual(next('1', 3))
    socket.socket.terminate()
  })

  test('can be used again before the server knew that it was used at all', async () => {
    operations.find(locationOf(1))
    const { socket, frames } = await bareSocket()
    for (let round = 0; round < 20; round++) {
      const begin = {
        id: '1',
        type: 'subscribe',
        payload: { query, variables: { location: locationOf(1) } },
      }
      const complete = { id: '1', type: 'complete' }
      const messages = [begin, complete, begin, complete, begin]
      // All at once, so that nothing comes between them but them.
      socket.write(Buffer.concat(messages.map((message) => frame(JSON.stringify(message)))))
      await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(1))
      socket.write(frame(JSON.stringify(complete)))
      await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(0))
    }
    expect(frames()).not.toContain('"error"')
    expect(frames()).not.toContain('"complete"')
    socket.destroy()
  })

  test('that was used again leaves nothing behind when the socket closes', async () => {
    for (const n of [0, 1, 2, 3, 4]) operations.find(locationOf(n))
    for (let round = 0; round < 20; round++) {
      const { socket } = await bareSocket()
      const messages = Array.from({ length: 19 }, (_, i) =>
        i % 2 === 1
          ? { id: '1', type: 'complete' }
          : {
              id: '1',
              type: 'subscribe',
              payload: { query, variables: { location: locationOf(i % 5) } },
            },
      )
      socket.write(Buffer.concat(messages.map((message) => frame(JSON.stringify(message)))))
      await once(socket, 'data')
      socket.destroy()
    }
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
    for (const n of [0, 1, 2, 3, 4]) expect(operations.watchers(locationOf(n))).toBe(0)
  })

  test('closes the socket with 4409 while it is in use, whoever uses it', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    await watch(socket, '1')
    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } })
    expect(await socket.closed()).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' })
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(0))
  })

  test('closes the socket with 4409 also while its query waits for an answer', async () => {
    const slow = await serveGateway({ operations: withPendingGet().client })
    const socket = await openRawSocket(slow.webSocketUrl)
    const payload = { query: `{ teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { id } }` }
    for (let i = 0; i < 2; i++) socket.send({ id: 'same', type: 'subscribe', payload })
    expect(await socket.closed()).toEqual({ code: 4409, reason: 'Subscriber for same already exists' })
    await slow[Symbol.asyncDispose]()
  })

  test('closes the socket with 4409 also when it does not fit into the reason', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    const long = '💥'.repeat(100)
    await watch(socket, long)
    subscribe(socket, long)
    const { code, reason } = await socket.closed()
    expect(code).toBe(4409)
    expect(reason).toContain('Subscriber for 💥')
  })
})

describe('a query', () => {
  test('that its client completes before the answer is never answered', async () => {
    const { client, answer } = withPendingGet()
    const slow = await serveGateway({ operations: client })
    const socket = await openRawSocket(slow.webSocketUrl)
    const payload = { query: `{ teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { id } }` }
    socket.send({ id: '1', type: 'subscribe', payload })
    await settle(socket)
    socket.send({ id: '1', type: 'complete' })
    await settle(socket)
    answer()
    expect(await settle(socket)).toEqual([])
    expect(slow.unexpected).toEqual([])
    socket.socket.terminate()
    await slow[Symbol.asyncDispose]()
  })

  test('is answered with one next and a complete', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } })
    await socket.receive(({ type }) => type === 'complete')
    expect(await settle(socket)).toEqual([
      { id: '1', type: 'next', payload: { data: { __typename: 'Query' } } },
      { id: '1', type: 'complete' },
    ])
    socket.socket.terminate()
  })
})

/** Operations of which a query waits until it is told to go on. */
function withPendingGet(): { client: OperationsClient; answer: () => void } {
  const { promise, reject } = Promise.withResolvers<OperationState>()
  promise.catch(() => {})
  return {
    client: { ...operations.client, get: () => promise },
    answer: () => reject(new OperationLostError('too late')),
  }
}

describe('an invalid message closes the socket with 4400', () => {
  const subscribeWith = (payload: unknown): string => JSON.stringify({ id: '1', type: 'subscribe', payload })
  const invalid: [string, string][] = [
    ['nothing at all', ''],
    ['no JSON', '{'],
    ['a number', '1'],
    ['null', 'null'],
    ['a list', '[{"type":"ping"}]'],
    ['a string', '"ping"'],
    ['an object without a type', '{}'],
    ['a type that is no string', '{"type":1}'],
    ['an unknown type', '{"type":"hello"}'],
    ['a type of the old protocol', '{"type":"start","id":"1","payload":{"query":"{ __typename }"}}'],
    ['the type of an object’s property', '{"type":"__proto__"}'],
    ['a type that only servers send: connection_ack', '{"type":"connection_ack"}'],
    ['a type that only servers send: next', '{"type":"next","id":"1","payload":{}}'],
    ['a type that only servers send: error', '{"type":"error","id":"1","payload":[{"message":"x"}]}'],
    ['a payload of ping that is no object', '{"type":"ping","payload":"x"}'],
    ['a payload of ping that is a list', '{"type":"ping","payload":[]}'],
    ['a complete without an id', '{"type":"complete"}'],
    ['a complete with an empty id', '{"type":"complete","id":""}'],
    ['a complete with a number for an id', '{"type":"complete","id":1}'],
    ['a subscribe without an id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
    ['a subscribe with an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}'],
    ['a subscribe without a payload', '{"type":"subscribe","id":"1"}'],
    ['a subscribe of several operations', subscribeWith([{ query: '{ __typename }' }])],
    ['a subscribe without a query', subscribeWith({})],
    ['a query that is no string', subscribeWith({ query: { a: 1 } })],
    ['variables that are no object', subscribeWith({ query: '{ __typename }', variables: [] })],
    ['an operationName that is no string', subscribeWith({ query: '{ __typename }', operationName: 1 })],
    ['extensions that are no object', subscribeWith({ query: '{ __typename }', extensions: 'x' })],
  ]

  test.each(invalid)('%s', async (_, text) => {
    const socket = await openRawSocket(served.webSocketUrl)
    await watch(socket, 'sibling')
    socket.send(text)
    subscribe(socket, 'late', 2)
    expect(await socket.closed()).toMatchObject({ code: 4400 })
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(0))
    expect(operations.watchers(locationOf(2))).toBe(0)
  })

  test('before connection_init as well', async () => {
    const socket = await connect()
    socket.send({ type: 'hello' })
    expect(await socket.closed()).toMatchObject({ code: 4400 })
  })
})

describe('a frame', () => {
  test('that is binary is read as the text that it is', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    socket.socket.send(Buffer.from(JSON.stringify({ type: 'ping', payload: { ü: '💥' } })), { binary: true })
    expect(await socket.receive(({ type }) => type === 'pong')).toEqual({
      type: 'pong',
      payload: { ü: '💥' },
    })
    socket.socket.send(Buffer.from([0, 1, 2, 255]), { binary: true })
    expect(await socket.closed()).toMatchObject({ code: 4400 })
  })

  test('of a message in parts is put together', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    const text = JSON.stringify({ type: 'ping', payload: { parts: 5 } })
    for (let i = 0; i < text.length; i += 8) {
      socket.socket.send(text.slice(i, i + 8), { fin: i + 8 >= text.length })
    }
    expect(await socket.receive(({ type }) => type === 'pong')).toEqual({
      type: 'pong',
      payload: { parts: 5 },
    })
    socket.socket.terminate()
  })

  test('one too many of a message closes the socket, as does one too large', async () => {
    const many = await openRawSocket(served.webSocketUrl)
    for (let i = 0; i < 65; i++) many.socket.send(' ', { fin: false })
    expect(await many.closed()).toMatchObject({ code: 1008 })
    const large = await openRawSocket(served.webSocketUrl)
    for (let i = 0; i < 3; i++) large.socket.send(' '.repeat(30_000), { fin: i === 2 })
    expect(await large.closed()).toMatchObject({ code: 1009 })
  })

  test('of text that is no UTF-8 closes the socket with 1007', async () => {
    const socket = await openRawSocket(served.webSocketUrl)
    socket.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false })
    expect(await socket.closed()).toMatchObject({ code: 1007 })
  })
})
