import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { UnauthenticatedError } from '../src/errors/unauthenticated-error.ts'
import type { GatewayOptions } from '../src/gateway.ts'
import { connectRawSocket, openRawSocket } from './raw-socket.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from './scripted-operations.ts'
import { serveGateway, type ServedGateway } from './serve-gateway.ts'

const location = locationOf(1)
const query = `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { status } }`

let operations: ScriptedOperations
let served: ServedGateway

beforeEach(() => {
  operations = scriptedOperations()
  operations.find(location)
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  expect(served.gateway.openConnections).toBe(0)
})

async function serve(options: Partial<GatewayOptions>): Promise<void> {
  served = await serveGateway({ operations: operations.client, ...options })
}

/** Fails in one way or the other: a promise that is rejected is nobody's to handle either. */
const failing: Readonly<Record<'that throws' | 'that rejects', () => unknown>> = {
  'that throws': () => {
    throw new Error('hook')
  },
  'that rejects': async () => {
    throw new Error('hook')
  },
}

/** Subscribes over both, and leaves. */
async function comeAndGo(): Promise<void> {
  const socket = await openRawSocket(served.webSocketUrl)
  socket.send({ id: '1', type: 'subscribe', payload: { query } })
  await socket.receive(({ id }) => id === '1')
  const stream = await served.post({ query }, { Accept: 'text/event-stream' })
  await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBe(2))
  socket.socket.terminate()
  await stream.body?.cancel()
  await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
}

describe.each(Object.entries(failing))('a hook %s harms nobody, and is told of', (_, fail) => {
  const thrown = expect.objectContaining({ message: 'hook' })

  test('onConnectionClosed', async () => {
    await serve({ onConnectionClosed: fail })
    await comeAndGo()
    await vi.waitFor(() => expect(served.unexpected.map(({ error }) => error)).toEqual([thrown, thrown]))
  })

  test('onTurnedAway', async () => {
    await serve({ onTurnedAway: fail })
    const refused = connectRawSocket(`${served.webSocketUrl}/elsewhere`)
    await expect(refused.closed()).rejects.toThrow('404')
    expect((await fetch(`${served.origin}/elsewhere`)).status).toBe(404)
    await comeAndGo()
    expect(served.unexpected.map(({ error }) => error)).toEqual([thrown, thrown])
  })

  test('auth.onRefused', async () => {
    const authenticator = {
      authenticate: () => Promise.reject(new UnauthenticatedError('invalid', 'Somebody else')),
    }
    await serve({ auth: { authenticator, onRefused: fail } })
    expect((await served.post({ query: '{ __typename }' })).status).toBe(401)
    const socket = connectRawSocket(served.webSocketUrl)
    await once(socket.socket, 'open')
    socket.send({ type: 'connection_init' })
    expect(await socket.closed()).toMatchObject({ code: 4401 })
    expect(served.unexpected.map(({ error }) => error)).toEqual([thrown, thrown])
  })
})

test.each(Object.entries(failing))('nobody is told of an onUnexpectedError %s', async (_, fail) => {
  await serve({ onUnexpectedError: fail, onConnectionClosed: fail })
  const socket = await openRawSocket(served.webSocketUrl)
  socket.send({ id: '1', type: 'subscribe', payload: { query } })
  await socket.receive(({ id }) => id === '1')
  operations.fail(location, new Error('unforeseen'))
  expect(await socket.receive(({ type }) => type === 'error')).toMatchObject({
    payload: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  })
  socket.socket.terminate()
  await comeAndGo()
})

test('a gateway stops in time, whatever its hooks do', async () => {
  await serve({ onConnectionClosed: failing['that throws'] })
  for (let i = 0; i < 3; i++) await openRawSocket(served.webSocketUrl)
  await served.gateway.drain(10_000)
  expect(served.gateway.openConnections).toBe(0)
})
