import type { Socket } from 'node:net'
import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bearerToken } from '../../src/access/bearer-token.ts'
import { createGateway, type Gateway } from '../../src/gateway.ts'
import type { ClosedConnection } from '../../src/observability/connection-record.ts'
import { startHttpServer, type HttpServer } from '../../src/server/http-server.ts'
import { openRawStream, type RawStream } from '../raw-stream.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'

const SLOW_MS = 30_000
const location = locationOf(1)
const watch = `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { error { message } } }`

let clock: VirtualClock
let operations: ScriptedOperations
let gateway: Gateway
let http: HttpServer
/** Connections that the server has, whatever the gateway says. */
let open: Set<Socket>
let closed: ClosedConnection[]

beforeEach(async () => {
  clock = createVirtualClock()
  operations = scriptedOperations()
  closed = []
  gateway = createGateway({
    operations: operations.client,
    clock,
    limits: { slowClientMs: SLOW_MS },
    auth: {
      authenticator: { authenticate: async (sent) => ({ id: bearerToken(sent), accessClass: 'all' }) },
    },
    onConnectionClosed: (connection) => closed.push(connection),
  })
  http = await startHttpServer(gateway.handleRequest, { host: '127.0.0.1', port: 0 })
  const sockets = (open = new Set())
  http.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
})

afterEach(async () => {
  await http[Symbol.asyncDispose]()
  expect(gateway.openConnections).toBe(0)
  expect(clock.pendingTimers).toBe(0)
})

function ask(query: string, accept = 'application/json'): Promise<RawStream> {
  return openRawStream(`${http.origin}/graphql`, {
    method: 'POST',
    headers: { Authorization: 'Bearer ada', Accept: accept, 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
  })
}

/** More than the operating system takes off the gateway's hands. */
const bigAnswer = '{ followedOperations { error { message } } }'

function letThereBeMuch(): void {
  for (let n = 0; n < 30; n++) operations.find(locationOf(n), error(1_000_000))
}

function error(bytes: number): { error: { code: string; message: string } } {
  return { error: { code: 'Busy', message: 'x'.repeat(bytes) } }
}

/** Lets time pass, with pauses in which the sockets deliver. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    await clock.advance(1_000)
    await new Promise(setImmediate)
  }
}

/** Subscribes, and lets states come until the gateway can't get rid of them. */
async function watchWithoutReading(accept = 'text/event-stream'): Promise<RawStream> {
  operations.find(location)
  const stream = await ask(watch, accept)
  await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
  stream.socket.pause()
  for (let i = 0; i < 30; i++) {
    operations.find(location, error(1_000_000 + i))
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }
  return stream
}

describe('an answer that nobody reads', () => {
  test('costs its connection after a while', async () => {
    letThereBeMuch()
    const { socket } = await ask(bigAnswer)
    socket.pause()
    await vi.waitFor(() => expect(clock.pendingTimers).toBe(1))
    await pass(SLOW_MS - 1_000)
    expect(open.size).toBe(1)
    await pass(2_000)
    await vi.waitFor(() => expect(open.size).toBe(0))
    socket.destroy()
  })

  test('does not when it is read slowly, however long that takes', async () => {
    letThereBeMuch()
    const { socket, text, hasEnded } = await ask(bigAnswer)
    for (let wanted = 3_000_000; wanted <= 30_000_000; wanted += 3_000_000) {
      socket.resume()
      await vi.waitUntil(() => socket.bytesRead > wanted, { interval: 1, timeout: 10_000 })
      socket.pause()
      await pass(SLOW_MS - 2_000)
    }
    socket.resume()
    await vi.waitUntil(hasEnded, { interval: 500, timeout: 10_000 })
    expect(JSON.parse(text())).toMatchObject({ data: { followedOperations: { length: 30 } } })
    expect(clock.monotonic()).toBeGreaterThan(4 * SLOW_MS)
    socket.destroy()
  }, 30_000)
})

describe.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])('a stream of %s', (accept) => {
  test('that nobody reads ends after a while, as too slow', async () => {
    const { socket } = await watchWithoutReading(accept)
    await pass(SLOW_MS + 2_000)
    await vi.waitFor(() => expect(open.size).toBe(0))
    expect(closed).toMatchObject([{ reason: 'slow' }])
    expect(operations.watchers(location)).toBe(0)
    socket.destroy()
  })

  test('that nobody reads is cut soon after the gateway has ended it', async () => {
    const { socket } = await watchWithoutReading(accept)
    gateway.dismiss('ada')
    expect(gateway.openConnections).toBe(0)
    await pass(3_000)
    await vi.waitFor(() => expect(open.size).toBe(0))
    expect(closed).toMatchObject([{ reason: 'expired' }])
    socket.destroy()
  })

  test('that the gateway has ended is read to its end by who reads', async () => {
    operations.find(location)
    const stream = await ask(watch, accept)
    await vi.waitFor(() => expect(stream.text()).toContain('teamsAsyncOperation'))
    gateway.dismiss('ada')
    await vi.waitFor(() => expect(stream.hasEnded()).toBe(true))
    expect(open.size).toBe(1)
    stream.socket.destroy()
  })

  test('on which nothing happens lives on', async () => {
    operations.find(location)
    const { socket, text } = await ask(watch, accept)
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    await pass(10 * SLOW_MS)
    operations.find(location, error(5))
    await vi.waitFor(() => expect(text()).toContain('xxxxx'))
    socket.destroy()
    await vi.waitFor(() => expect(closed).toMatchObject([{ reason: 'left' }]))
  })
})

test('an event stream that was reserved is let go in the same way', async () => {
  const headers = { Authorization: 'Bearer ada' }
  const token = await (await fetch(`${http.origin}/graphql`, { method: 'PUT', headers })).text()
  const reserved = { ...headers, 'X-GraphQL-Event-Stream-Token': token }
  const { socket } = await openRawStream(`${http.origin}/graphql`, {
    method: 'GET',
    headers: { ...reserved, Accept: 'text/event-stream' },
  })
  operations.find(location)
  const response = await fetch(`${http.origin}/graphql`, {
    method: 'POST',
    headers: { ...reserved, 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: watch, extensions: { operationId: '1' } }),
  })
  expect(response.status).toBe(202)
  await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
  socket.pause()
  for (let i = 0; i < 30; i++) {
    operations.find(location, error(1_000_000 + i))
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }
  await pass(SLOW_MS + 2_000)
  await vi.waitFor(() => expect(closed).toMatchObject([{ reason: 'slow' }]))
  expect(operations.watchers(location)).toBe(0)
  socket.destroy()
})

test('what does not end when the gateway stops is cut', async () => {
  const { socket } = await watchWithoutReading()
  const drained = gateway.drain(3_000)
  await pass(4_000)
  await drained
  await vi.waitFor(() => expect(open.size).toBe(0))
  socket.destroy()
})
