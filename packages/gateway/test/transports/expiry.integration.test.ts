import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { entra } from '../../src/access/entra.ts'
import type { Refused } from '../../src/access/identity.ts'
import { everyStream, openSocketOf } from '../every-transport.ts'
import type { RawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'
import { audience, createTokenIssuer, tenantId, type TokenIssuer } from '../token-issuer.ts'

const HOUR_MS = 3_600_000
const location = locationOf(1)
const query = `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { status } }`

let clock: VirtualClock
let issuer: TokenIssuer
let operations: ScriptedOperations
let served: ServedGateway
let refused: Refused[]

beforeEach(async () => {
  clock = createVirtualClock()
  issuer = await createTokenIssuer(() => clock.now())
  operations = scriptedOperations()
  operations.find(location)
  refused = []
  served = await serveGateway({
    operations: operations.client,
    clock,
    // Nobody can answer a ping while an hour passes at once.
    keepAliveMs: 100 * HOUR_MS,
    auth: {
      authenticator: entra({ tenantId, audience, clock, keysUrl: issuer.keysUrl }),
      onRefused: (refusal) => refused.push(refusal),
    },
  })
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
  expect(served.unexpected).toEqual([])
  expect(operations.watchers(location)).toBe(0)
})

async function subscribed(token: string): Promise<RawSocket> {
  const socket = await openSocketOf(served, token)
  socket.send({ id: '1', type: 'subscribe', payload: { query } })
  await socket.receive(({ type }) => type === 'next')
  return socket
}

describe('a WebSocket', () => {
  test('is closed with 4403 shortly before its token expires, and not before', async () => {
    const socket = await subscribed(await issuer.token())
    await clock.advance(HOUR_MS - 10_000)
    socket.send({ type: 'ping' })
    await socket.receive(({ type }) => type === 'pong')
    expect(operations.watchers(location)).toBe(1)

    await clock.advance(10_000 - 500)
    expect(await socket.closed()).toEqual({ code: 4403, reason: 'The access token has expired.' })
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    expect(socket.messages.map(({ type }) => type)).toEqual(['connection_ack', 'next', 'pong'])
    expect(clock.pendingTimers).toBe(0)
  })

  test('that its client does not let close has nothing more of it', async () => {
    const socket = await subscribed(await issuer.token())
    // Nothing is read any more, the close frame neither.
    socket.socket.pause()
    await clock.advance(HOUR_MS - 500)
    const asked = vi.spyOn(operations.client, 'get')
    const { length } = socket.messages
    const payload = { query: `{ teamsAsyncOperation(ref: { location: "${location}" }) { id } }` }
    for (let n = 2; n < 10; n++) socket.send({ id: `${n}`, type: 'subscribe', payload })
    operations.find(location, { attemptsCount: 2 })
    // What came before has been looked at when this has.
    await served.post({ query: '{ __typename }' }, { Authorization: `Bearer ${await issuer.token()}` })
    socket.socket.resume()
    expect(await socket.closed()).toMatchObject({ code: 4403 })
    expect(socket.messages).toHaveLength(length)
    expect(asked).not.toHaveBeenCalled()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  })

  test('that ends before leaves nothing that waits', async () => {
    const socket = await subscribed(await issuer.token())
    socket.socket.close()
    await vi.waitFor(() => expect(clock.pendingTimers).toBe(0))
  })
})

describe('a ping with a token', () => {
  test('makes the socket last as long as that, and says how long that is', async () => {
    const socket = await subscribed(await issuer.token())
    await clock.advance(HOUR_MS / 2)
    const authorization = `Bearer ${await issuer.token()}`
    socket.send({ type: 'ping', payload: { authorization } })
    expect(await socket.receive(({ type }) => type === 'pong')).toEqual({
      type: 'pong',
      payload: { expiresDateTime: '2026-01-01T01:30:00.000Z' },
    })
    await clock.advance(HOUR_MS - 10_000)
    operations.find(location, { status: 'succeeded' })
    await socket.receive(({ type }) => type === 'complete')
    await clock.advance(10_000 - 500)
    expect(await socket.closed()).toMatchObject({ code: 4403 })
    // Its own token comes back to nobody.
    expect(JSON.stringify(socket.messages)).not.toContain('eyJ')
  })

  test('that is newer counts also where it expires earlier: the one before may have been revoked', async () => {
    const socket = await subscribed(await issuer.token())
    await clock.advance(60_000)
    const authorization = `Bearer ${await issuer.token({ exp: clock.now() / 1000 + 600 })}`
    socket.send({ type: 'ping', payload: { authorization } })
    expect(await socket.receive(({ type }) => type === 'pong')).toMatchObject({
      payload: { expiresDateTime: '2026-01-01T00:11:00.000Z' },
    })
    await clock.advance(600_000 - 500)
    expect(await socket.closed()).toMatchObject({ code: 4403 })
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  })

  test('that is not newer changes nothing', async () => {
    const older = await issuer.token({ exp: clock.now() / 1000 + 7_200 })
    await clock.advance(1_000)
    const token = await issuer.token({ exp: clock.now() / 1000 + 3_599 })
    const socket = await subscribed(token)
    for (const other of [token, older]) {
      const pongs = socket.messages.length
      socket.send({ type: 'ping', payload: { authorization: `Bearer ${other}` } })
      await vi.waitFor(() => expect(socket.messages).toHaveLength(pongs + 1))
      expect(socket.messages.at(-1)).toMatchObject({
        payload: { expiresDateTime: '2026-01-01T01:00:00.000Z' },
      })
    }
    await clock.advance(HOUR_MS - 11_000)
    expect(operations.watchers(location)).toBe(1)
    socket.socket.terminate()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  })

  const refusals: [string, () => Promise<string>, string][] = [
    [
      'of somebody else',
      () => issuer.token({ oid: 'user-2', exp: clock.now() / 1000 + 7_200 }),
      'The access token is of somebody else.',
    ],
    [
      'that grants something else',
      () => issuer.token({ scp: 'Operations.Read Operations.Write', exp: clock.now() / 1000 + 7_200 }),
      'What may be seen has changed. Connect again.',
    ],
    [
      'that has expired',
      () => issuer.token({ exp: clock.now() / 1000 - 1 }),
      'The access token has expired.',
    ],
    ['that is none', async () => 'x', 'The access token is not valid here.'],
  ]

  test.each(refusals)('%s closes the socket, which clients open again', async (_, token, reason) => {
    const socket = await subscribed(await issuer.token())
    socket.send({ type: 'ping', payload: { authorization: `Bearer ${await token()}` } })
    expect(await socket.closed()).toEqual({ code: 4403, reason })
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    expect(refused).toHaveLength(1)
  })

  test('that can not be checked now changes nothing', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: clock.now() })
    const socket = await subscribed(await issuer.token())
    await issuer.rotate(true)
    issuer.isUp = false
    vi.setSystemTime(clock.now() + 31_000)
    const authorization = `Bearer ${await issuer.token({ exp: clock.now() / 1000 + 7_200 })}`
    vi.useRealTimers()
    socket.send({ type: 'ping', payload: { authorization } })
    expect(await socket.receive(({ type }) => type === 'pong')).toMatchObject({
      payload: { expiresDateTime: '2026-01-01T01:00:00.000Z' },
    })
    expect(refused).toMatchObject([{ code: 'SERVICE_UNAVAILABLE' }])
    socket.socket.terminate()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  })

  test('without one is a ping like any other', async () => {
    const socket = await subscribed(await issuer.token())
    socket.send({ type: 'ping', payload: { hello: 1 } })
    expect(await socket.receive(({ type }) => type === 'pong')).toEqual({
      type: 'pong',
      payload: { hello: 1 },
    })
    socket.socket.terminate()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  })
})

test.each(everyStream)(
  'over %s, it ends before its token expires, and says not that it is done',
  async (_, { start }) => {
    const exchange = await start(served, { query }, `Bearer ${await issuer.token()}`)
    await vi.waitFor(() => expect(exchange.results()).toHaveLength(1))
    await clock.advance(HOUR_MS - 10_000)
    expect(served.gateway.openConnections).toBe(1)
    await clock.advance(10_000 - 500)
    await vi.waitFor(() => expect(exchange.hasEnded()).toBe(true))
    expect(exchange.isComplete()).toBe(false)
    expect(exchange.results()).toHaveLength(1)
    expect(served.gateway.openConnections).toBe(0)
    expect(clock.pendingTimers).toBe(0)
  },
)

describe('clients come back by themselves with another token, and miss nothing', () => {
  /** Lets the first token expire, and ends the operation when the client is back. */
  async function outlive(results: AsyncIterable<unknown>, tokens: () => number): Promise<unknown[]> {
    const received: unknown[] = []
    const all = (async () => {
      for await (const result of results) received.push(result)
      return received
    })()
    await vi.waitFor(() => expect(received).toHaveLength(1))
    await clock.advance(HOUR_MS)
    await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 5_000 })
    expect(tokens()).toBe(2)
    operations.find(location, { status: 'succeeded' })
    return all
  }
  const expected = ['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED'].map((status) => ({
    data: { teamsAsyncOperation: { status } },
  }))

  test('over WebSocket, with graphql-ws', async () => {
    let tokens = 0
    const client = createWebSocketClient({
      url: served.webSocketUrl,
      webSocketImpl: WebSocket,
      retryWait: async () => {},
      connectionParams: async () => {
        tokens += 1
        return { authorization: `Bearer ${await issuer.token()}` }
      },
    })
    expect(await outlive(client.iterate({ query }), () => tokens)).toEqual(expected)
    await client.dispose()
  })

  test('over server-sent events, with graphql-sse', async () => {
    let tokens = 0
    const client = createSseClient({
      url: served.url,
      retry: async () => {},
      headers: async () => {
        tokens += 1
        return { Authorization: `Bearer ${await issuer.token()}` }
      },
    })
    expect(await outlive(client.iterate({ query }), () => tokens)).toEqual(expected)
    client.dispose()
  })
})
