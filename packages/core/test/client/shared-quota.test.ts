import { createSimulator, latency, type Simulator } from '@teams-operations/simulator'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createOperationsClient, type OperationsClient } from '../../src/client.ts'
import { fetchTransport } from '../../src/graph/fetch-transport.ts'
import type { OperationsClientOptions } from '../../src/client-options.ts'
import { MemoryStore } from '../../src/polling/memory-store.ts'
import { createQuota, type Quota } from '../../src/polling/quota.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { record } from './record.ts'
import { seededRandom, steadyCredential } from './simulated-client.ts'

let simulator: Simulator<VirtualClock>
let clock: VirtualClock
let quota: Quota
let clients: OperationsClient[]

beforeEach(() => {
  simulator = createSimulator({ behaviors: [latency([0, 3_000])] })
  clock = simulator.clock
  quota = createQuota({ random: seededRandom(1) })
  clients = []
  onTestFinished(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]()
    await clock.advance(0)
    expect(clock.pendingTimers, 'No timer is left by clients that were disposed').toBe(0)
    // The journal judges the 30 seconds by operation, whoever asks.
    expect(simulator.journal.violations()).toEqual([])
  })
})

/** Clients of one app, as those are that read on behalf of several users. */
function createClients(count: number): readonly OperationsClient[] {
  return Array.from({ length: count }, () => createClient())
}

function createClient(options: Partial<OperationsClientOptions> = {}): OperationsClient {
  const client = createOperationsClient({
    credential: steadyCredential(clock),
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: simulator.origin,
    clock,
    random: seededRandom(clients.length),
    quota,
    ...options,
  })
  clients.push(client)
  return client
}

function stuck(): string {
  return simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location
}

describe('an operation that several clients follow', () => {
  test('is not checked more often than by one, and all have their turns', async () => {
    const location = stuck()
    const all = createClients(5).map((client) => record(client.watch(location, { everyCheck: true })))
    const hours = 10
    await clock.advance(hours * 3_600_000)
    const [summary] = [...simulator.journal.checkSummaries()]
    expect(summary?.shortestGapMs).toBeGreaterThan(30_000)
    // Some seconds of latency come to the 31, and of waiting for each other.
    const checks = summary?.checks ?? 0
    expect(checks).toBeGreaterThan((hours * 3_600) / 38)
    for (const { values } of all) {
      expect(values.length).toBeGreaterThan((checks / 5) * 0.95)
      expect(values.length).toBeLessThan((checks / 5) * 1.05)
    }
  })

  test('goes on for the others when one leaves, or is disposed in the middle of a check', async () => {
    const location = stuck()
    const [first, second, third] = createClients(3) as [OperationsClient, OperationsClient, OperationsClient]
    const leaving = record(first.watch(location))
    record(second.watch(location))
    const staying = record(third.watch(location, { everyCheck: true }))
    await clock.advance(10 * 60_000)
    leaving.subscription.unsubscribe()
    await clock.advanceUntil(() => simulator.journal.checksOf(location).at(-1)?.outcome === 'pending')
    await second[Symbol.asyncDispose]()
    const before = staying.values.length
    await clock.advance(10 * 60_000)
    // Alone again: every 31 seconds and some.
    expect(staying.values.length - before).toBeGreaterThan(15)
  })

  test('keeps its 30 seconds from a client that is disposed to one that comes after', async () => {
    const location = stuck()
    for (let round = 0; round < 20; round++) {
      const [client] = createClients(1) as [OperationsClient]
      record(client.watch(location))
      await clock.advance(7_000)
      await client[Symbol.asyncDispose]()
    }
    const [summary] = [...simulator.journal.checkSummaries()]
    expect(summary?.checks).toBeGreaterThan(3)
    expect(summary?.shortestGapMs).toBeGreaterThan(30_000)
  })
})

test('the budget is shared: many clients read no more than one may', async () => {
  const all = createClients(10).flatMap((client) =>
    Array.from({ length: 100 }, () => record(client.watch(stuck()))),
  )
  await clock.advance(10 * 60_000)
  for (const { values } of all) expect(values.length).toBeGreaterThan(0)
  expect(clients[0]?.stats().budget.readsPerSecond).toBeLessThanOrEqual(15)
  expect(simulator.journal.maxChecksInWindow(1_000)).toBeLessThanOrEqual(15)
})

test('a pause that Graph asks one for holds all of them back', async () => {
  const [first, second] = createClients(2) as [OperationsClient, OperationsClient]
  record(first.watch(stuck()))
  await clock.advance(10_000)
  quota.coolDown.pause(Math.ceil(clock.monotonic()), 60_000)
  const other = record(second.watch(stuck()))
  await clock.advance(59_000)
  expect(other.values).toEqual([])
  await clock.advance(10_000)
  expect(other.values).toHaveLength(1)
})

test('a store that breaks while it is asked holds nobody else back', async () => {
  const location = stuck()
  const broken = new MemoryStore(() => clock.monotonic())
  const claim = broken.claim.bind(broken)
  broken.claim = async (request) => {
    await claim(request)
    throw new Error('The store is out of reach')
  }
  const first = record(createClient({ store: broken }).watch(location))
  await clock.advance(5_000)
  const second = record(createClient().watch(location))
  await clock.advance(5_000)
  expect(first.values).toEqual([])
  expect(second.values).toHaveLength(1)
})

test('a quota is either shared, or of a share of its own', () => {
  expect(() => createOperationsClient({ quota, quotaShare: 0.5 })).toThrow(
    'Expected quota or quotaShare, got both',
  )
  for (const quotaShare of [0, -1, 1.1, Number.NaN]) {
    expect(() => createQuota({ quotaShare })).toThrow(RangeError)
  }
})
