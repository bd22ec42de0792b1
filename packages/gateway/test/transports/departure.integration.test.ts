import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { frame, upgrade } from '../fuzz/websocket-frames.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const location = locationOf(1)
const body = JSON.stringify({
  query: `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { status } }`,
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let operations: ScriptedOperations
let served: ServedGateway

beforeEach(async () => {
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client })
  operations.find(location)
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

describe('who leaves an event stream is noticed', () => {
  test('also when the request has long been forgotten', async () => {
    const leaving = new AbortController()
    await openStream(served, leaving.signal)
    expect(operations.watchers(location)).toBe(1)
    for (let i = 0; i < 3; i++) {
      await new Promise(setImmediate)
      collectGarbage()
    }
    leaving.abort()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    expect(served.gateway.openConnections).toBe(0)
  })

  test('also when others were asked for over the same connection, at whatever moment', async () => {
    const { port, host } = new URL(served.origin)
    const request =
      `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    for (let turns = 0; turns < 60; turns++) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(request.repeat(5))
      for (let i = 0; i < turns; i++) await new Promise(setImmediate)
      socket.resetAndDestroy()
    }
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
    expect(operations.watchers(location)).toBe(0)
  })
})

describe('who leaves a WebSocket whose answers they have not read', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['having said so', (socket) => void socket.end()],
    ['without a word', (socket) => void setImmediate(() => socket.resetAndDestroy())],
  ])('harms nobody, %s', async (_, leave) => {
    for (let n = 0; n < 1_000; n++)
      operations.find(locationOf(n), { error: { code: 'Busy', message: 'x'.repeat(2_000) } })
    const { port, host } = new URL(served.origin)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(upgrade(host))
    await once(socket, 'data')
    socket.write(frame(JSON.stringify({ type: 'connection_init' })))
    await once(socket, 'data')
    const pings = Array.from({ length: 60 }, () => frame(JSON.stringify({ type: 'ping' })))
    const overview = { query: '{ followedOperations { error { message } } }' }
    const ask = frame(JSON.stringify({ id: '1', type: 'subscribe', payload: overview }))
    // All of it is read before it is known that they have left.
    socket.write(Buffer.concat([...pings, ask, ...pings]))
    leave(socket)
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
    expect((await served.post({ query: '{ __typename }' })).status).toBe(200)
  })
})

/** In a function of its own, so that nothing else holds the request. */
async function openStream({ gateway, url }: ServedGateway, signal: AbortSignal): Promise<void> {
  const headers = { Accept: 'text/event-stream', 'Content-Type': 'application/json' }
  const response = await gateway.fetch(new Request(url, { method: 'POST', headers, body, signal }))
  await response.body?.getReader().read()
}
