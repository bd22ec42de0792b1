import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
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

/** In a function of its own, so that nothing else holds the request. */
async function openStream({ gateway, url }: ServedGateway, signal: AbortSignal): Promise<void> {
  const headers = { Accept: 'text/event-stream', 'Content-Type': 'application/json' }
  const response = await gateway.fetch(new Request(url, { method: 'POST', headers, body, signal }))
  await response.body?.getReader().read()
}
