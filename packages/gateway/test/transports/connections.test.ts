import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ClosedConnection } from '../../src/observability/connection-record.ts'
import { GatewayCounts } from '../../src/observability/gateway-counts.ts'
import { createConnections, type Connection, type Connections } from '../../src/transports/connections.ts'

let clock: VirtualClock
let counts: GatewayCounts
let connections: Connections
let told: ClosedConnection[]
/** When each was closed, and when it was cut. */
let closedAt: number[]
let cutAt: number[]

beforeEach(() => {
  clock = createVirtualClock()
  counts = new GatewayCounts()
  told = []
  closedAt = []
  cutAt = []
  let seed = 1
  connections = createConnections({
    clock,
    random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
    max: 3,
    counts,
    onClosed: (connection) => told.push(connection),
  })
})

/** Clients of which each takes a while to answer, and never does where that is for ever. */
function add(count: number, answersAfterMs = 10): void {
  for (let i = 0; i < count; i++) {
    const connection: Connection = {
      transport: 'websocket',
      origin: undefined,
      session: undefined,
      drain() {
        closedAt.push(clock.monotonic())
        if (answersAfterMs < Infinity) clock.timer(answersAfterMs, () => remove(connection))
      },
      terminate() {
        cutAt.push(clock.monotonic())
        remove(connection)
      },
    }
    connections.add(connection)
  }
}

function remove(connection: Connection): void {
  connections.remove(connection, { reason: 'drained' })
}

describe('when the gateway stops', () => {
  test('a few are closed at once', async () => {
    add(20)
    const closed = connections.closeAll(10_000)
    expect(closedAt).toHaveLength(20)
    await clock.advance(10)
    await closed
    expect(clock.pendingTimers).toBe(0)
  })

  test('many are closed in waves, none much larger than the others', async () => {
    add(1_000)
    const closed = connections.closeAll(10_000)
    await clock.advance(2_100)
    await closed
    expect(closedAt).toHaveLength(1_000)
    expect(Math.max(...closedAt)).toBeLessThanOrEqual(2_000)
    const waves = Map.groupBy(closedAt, (at) => at)
    expect(waves.size).toBeGreaterThanOrEqual(20)
    for (const wave of waves.values()) expect(wave.length).toBeLessThan(100)
    expect(cutAt).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  test('more than there is time for are closed faster, so that half of the time is left to answer', async () => {
    add(50_000)
    const closed = connections.closeAll(4_000)
    await clock.advance(2_000)
    expect(closedAt).toHaveLength(50_000)
    await clock.advance(100)
    await closed
  })

  test('those who do not answer are cut off at the deadline, and that is the end', async () => {
    add(30, Infinity)
    add(30)
    const closed = connections.closeAll(3_000)
    await clock.advance(2_999)
    expect(connections.size).toBe(30)
    await clock.advance(1)
    await closed
    expect(cutAt).toEqual(Array.from({ length: 30 }, () => 3_000))
    expect(clock.pendingTimers).toBe(0)
  })

  test('nothing is waited for where nothing is open, and no more is let in', async () => {
    expect(connections.isClosing).toBe(false)
    await connections.closeAll(10_000)
    expect(connections.isClosing).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  test('asking twice ends as well', async () => {
    add(500)
    const closed = [connections.closeAll(10_000), connections.closeAll(1_000)]
    await clock.advance(1_000)
    await Promise.all(closed)
    expect(clock.pendingTimers).toBe(0)
  })
})

test('those that came while the gateway stopped are closed as well, when it is asked to stop again', async () => {
  await connections.closeAll(1_000)
  add(1)
  const closed = connections.closeAll(1_000)
  expect(closedAt).toHaveLength(1)
  await clock.advance(10)
  await closed
  add(1, Infinity)
  const cut = connections.closeAll(1_000)
  await clock.advance(1_000)
  await cut
  expect(cutAt).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})

describe('a connection', () => {
  test('is told of once, when it has ended', async () => {
    const connection: Connection = {
      transport: 'sse',
      origin: 'https://app.example.com',
      session: undefined,
      drain: () => {},
      terminate: () => {},
    }
    connections.add(connection)
    expect(counts.read()).toMatchObject({ connections: { sse: 1 }, connectionsOpened: { sse: 1 } })
    await clock.advance(61_000)
    for (let i = 0; i < 3; i++) connections.remove(connection, { reason: 'left', bytesSent: 12 })
    expect(told).toEqual([
      {
        id: 1,
        transport: 'sse',
        principalId: undefined,
        origin: 'https://app.example.com',
        reason: 'left',
        code: undefined,
        durationMs: 61_000,
        bytesSent: 12,
        bytesReceived: undefined,
        subscriptions: 0,
        conflations: 0,
      },
    ])
    expect(counts.read()).toMatchObject({
      connections: { sse: 0 },
      connectionsOpened: { sse: 1 },
      connectionsClosed: { left: 1 },
    })
  })

  test('takes no room as long as it is a stranger’s, of whom there may be as many again', () => {
    const strangers = Array.from({ length: 3 }, (): Connection => ({
      transport: 'websocket',
      origin: undefined,
      session: undefined,
      drain: () => {},
      terminate: () => {},
    }))
    for (const stranger of strangers) {
      expect(connections.isFullOfStrangers).toBe(false)
      connections.addStranger(stranger)
    }
    expect(connections.isFullOfStrangers).toBe(true)
    add(2)
    for (const stranger of strangers.slice(0, 1)) {
      connections.admit(stranger)
      connections.admit(stranger)
    }
    expect(connections.isFull).toBe(true)
    for (const stranger of strangers.slice(1)) expect(() => connections.admit(stranger)).toThrow('too many')
    for (const stranger of strangers) remove(stranger)
    expect(connections.isFull).toBe(false)
    expect(connections.size).toBe(2)
    expect(connections.isFullOfStrangers).toBe(false)
  })

  test('has no room where there are as many as there may be', () => {
    add(2)
    expect(connections.isFull).toBe(false)
    add(1)
    expect(connections.isFull).toBe(true)
  })

  test('has its room while it is prepared, and gives it back when nothing comes of it', () => {
    add(2)
    const place = connections.reserve()
    expect(connections.isFull).toBe(true)
    expect(connections.size).toBe(2)
    expect(() => connections.reserve()).toThrow('There are too many connections.')
    for (let i = 0; i < 2; i++) place.release()
    expect(connections.isFull).toBe(false)
  })

  test('is not prepared any more when the gateway stops', async () => {
    await connections.closeAll(1_000)
    expect(() => connections.reserve()).toThrow('The gateway is stopping.')
  })
})
