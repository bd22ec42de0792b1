import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bearerToken } from '../../src/access/bearer-token.ts'
import { everyStream } from '../every-transport.ts'
import type { AskedRequest, Exchange, Start } from '../exchange.ts'
import { openRawSocket } from '../raw-socket.ts'
import {
  locationOf,
  operationIdOf,
  scriptedOperations,
  type ScriptedOperations,
} from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const location = locationOf(1)
const field = `teamsAsyncOperation(ref: { location: "${location}" })`
const query = `subscription { ${field} { status } }`

let operations: ScriptedOperations
let served: ServedGateway
let exchanges: Exchange[]

beforeEach(async () => {
  operations = scriptedOperations()
  // Whose name is their token, and who may see what their first letter may.
  const authenticator = {
    async authenticate(credentials: Parameters<typeof bearerToken>[0]) {
      const id = bearerToken(credentials) ?? 'nobody'
      return { id, accessClass: id.charAt(0) }
    },
  }
  served = await serveGateway({ operations: operations.client, auth: { authenticator } })
  operations.find(location)
  exchanges = []
})

afterEach(async () => {
  for (const { leave } of exchanges) leave()
  await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  await served[Symbol.asyncDispose]()
})

/** Subscribes, and waits for the current state. */
async function follow(start: Start, request: AskedRequest = { query }, name = 'ada'): Promise<Exchange> {
  const exchange = await start(served, request, `Bearer ${name}`)
  exchanges.push(exchange)
  await vi.waitFor(() => expect(exchange.results()).toHaveLength(1))
  return exchange
}

function statusesOf({ results }: Exchange): unknown[] {
  return results().map(
    ({ data }) => (data as { teamsAsyncOperation: { status: string } }).teamsAsyncOperation.status,
  )
}

test('for all who subscribe to the same, over whatever, an event is executed once', async () => {
  for (let round = 0; round < 4; round++) {
    for (const [, { start }] of everyStream) await follow(start)
  }
  expect(operations.watchers(location)).toBe(1)
  expect(served.gateway.stats()).toMatchObject({ executions: 1, deliveries: exchanges.length })
  operations.find(location, { status: 'succeeded' })
  for (const exchange of exchanges) {
    await vi.waitFor(() => expect(exchange.isComplete()).toBe(true))
    expect(statusesOf(exchange)).toEqual(['IN_PROGRESS', 'SUCCEEDED'])
  }
  expect(served.gateway.stats()).toMatchObject({ executions: 2, deliveries: 2 * exchanges.length })
})

describe.each(everyStream)('over %s', (_, { start }) => {
  test('whoever of those who share leaves, the others go on, until the last of them leaves', async () => {
    const [first, second, third] = [await follow(start), await follow(start), await follow(start)]
    expect(operations.watchers(location)).toBe(1)
    for (const [leaving, staying] of [
      [first, 2],
      [third, 1],
    ] as const) {
      leaving.leave()
      await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBe(staying))
      expect(operations.watchers(location)).toBe(1)
    }
    operations.find(location, { status: 'notStarted' })
    await vi.waitFor(() => expect(statusesOf(second)).toEqual(['IN_PROGRESS', 'NOT_STARTED']))
    second.leave()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    // Whoever comes now begins anew.
    const last = await follow(start)
    operations.find(location, { status: 'succeeded' })
    await vi.waitFor(() => expect(last.isComplete()).toBe(true))
    expect(statusesOf(last)).toEqual(['NOT_STARTED', 'SUCCEEDED'])
  })

  test('who asks with other variables for the same gets what those say', async () => {
    const document = `subscription ($all: Boolean!) { ${field} { status id @include(if: $all) } }`
    const less = await follow(start, { query: document, variables: { all: false } })
    const more = await follow(start, { query: document, variables: { all: true } })
    operations.find(location, { status: 'succeeded' })
    for (const { isComplete } of [less, more]) await vi.waitFor(() => expect(isComplete()).toBe(true))
    const ofStatus = (rest: object): object[] =>
      ['IN_PROGRESS', 'SUCCEEDED'].map((status) => ({ data: { teamsAsyncOperation: { status, ...rest } } }))
    expect(less.results()).toEqual(ofStatus({}))
    expect(more.results()).toEqual(ofStatus({ id: operationIdOf(1) }))
  })

  test('who names another operation of the same document gets that', async () => {
    const document = `subscription A { ${field} { status } } subscription B { ${field} { id } }`
    const a = await follow(start, { query: document, operationName: 'A' })
    const b = await follow(start, { query: document, operationName: 'B' })
    expect(a.results()).toEqual([{ data: { teamsAsyncOperation: { status: 'IN_PROGRESS' } } }])
    expect(b.results()).toEqual([{ data: { teamsAsyncOperation: { id: operationIdOf(1) } } }])
  })

  test('only those share who may see the same', async () => {
    await follow(start, { query }, 'ada')
    await follow(start, { query }, 'anna')
    expect(operations.watchers(location)).toBe(1)
    await follow(start, { query }, 'bob')
    expect(operations.watchers(location)).toBe(2)
    expect(served.gateway.stats().executions).toBe(2)
  })
})

test('who completes one of two subscriptions over a socket leaves the other, and whoever shares them', async () => {
  const [first, second] = [
    await openRawSocket(served.webSocketUrl, {}, { authorization: 'Bearer ada' }),
    await openRawSocket(served.webSocketUrl, {}, { authorization: 'Bearer ada' }),
  ]
  for (const { send } of [first, second]) {
    for (const id of ['1', '2']) send({ id, type: 'subscribe', payload: { query } })
  }
  await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBe(4))
  first.send({ id: '1', type: 'complete' })
  await vi.waitFor(() => expect(served.gateway.stats().subscriptions).toBe(3))
  operations.find(location, { status: 'succeeded' })
  await first.receive(({ id, type }) => id === '2' && type === 'complete')
  for (const wanted of ['1', '2']) {
    await second.receive(({ id, type }) => id === wanted && type === 'complete')
  }
  for (const { socket } of [first, second]) socket.terminate()
})
