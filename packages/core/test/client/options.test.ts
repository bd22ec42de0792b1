import { latency } from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { createOperationsClient } from '../../src/client.ts'
import type { OperationsClientOptions } from '../../src/client-options.ts'
import { fetchTransport } from '../../src/graph/fetch-transport.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { record } from './record.ts'
import { createSimulatedClient } from './simulated-client.ts'

const credential = { getToken: () => Promise.resolve(null) }
const origins = [
  'https://graph.microsoft.com',
  'https://graph.microsoft.us',
  'https://dod-graph.microsoft.us',
  'https://microsoftgraph.chinacloudapi.cn',
]

describe('the interval of polling', () => {
  test.each(origins)('cannot be less than 30 seconds at %s', (graphOrigin) => {
    for (const pollIntervalMs of [29_999, 1_000, 0, -1, Number.NaN, Infinity]) {
      expect(() => createOperationsClient({ credential, graphOrigin, pollIntervalMs })).toThrow(RangeError)
    }
  })

  test.each(['global', 'usgov', 'usgov-dod', 'china'] as const)('cannot be less in the cloud %s', (cloud) => {
    expect(() => createOperationsClient({ credential, cloud, pollIntervalMs: 29_999 })).toThrow(/30000/)
  })

  test.each([
    'https://GRAPH.MICROSOFT.COM',
    'https://graph.microsoft.com:443',
    'https://graph.microsoft.com:8443',
    'https://graph.microsoft.com.',
    'https://canary.graph.microsoft.com',
  ])('cannot be less at another spelling of it: %s', (graphOrigin) => {
    expect(() => createOperationsClient({ credential, graphOrigin, pollIntervalMs: 1_000 })).toThrow(
      RangeError,
    )
  })

  test.each(origins)('is more than 30 seconds at %s, whatever else is configured', async (origin) => {
    const { simulator, clock, operations } = createSimulatedClient(
      { origin, behaviors: [latency([0, 100])] },
      { pollIntervalMs: 30_000, alignMs: 0, quotaShare: 1, random: () => 0 },
    )
    for (let index = 0; index < 10; index++) {
      record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location))
    }
    await clock.advance(10 * 60_000)
    for (const { checks, shortestGapMs } of simulator.journal.checkSummaries()) {
      expect(checks).toBeGreaterThan(15)
      expect(shortestGapMs).toBeGreaterThan(30_000)
    }
  })

  test.each([-5, Number.NaN, 7])('is more than 30 seconds with a jitter that draws %s', async (drawn) => {
    const { simulator, clock, operations } = createSimulatedClient({}, { random: () => drawn })
    record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location))
    await clock.advance(10 * 60_000)
    const [summary] = simulator.journal.checkSummaries()
    expect(summary?.checks).toBeGreaterThan(15)
    expect(summary?.shortestGapMs).toBeGreaterThan(30_000)
  })

  test('may be shorter elsewhere, and then the first check after a start is, too', async () => {
    const { simulator, clock, operations } = createSimulatedClient(
      { journal: { checkFloorMs: 1_000 }, script: { outcome: 'stuck' } },
      { pollIntervalMs: 1_000 },
    )
    const ref = await operations.submit(archiveTeam(simulator.tenant.addTeam().id))
    record(operations.watch(ref))
    await clock.advance(60_000)
    expect(simulator.journal.checksOf(ref)[0]?.startedAt).toBe(1_000)
    const gaps = simulator.journal.gapsOf(ref)
    expect(gaps.length).toBeGreaterThan(50)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000)
  })
})

describe('options that make no sense are refused, with their name:', () => {
  const wrong: readonly Partial<OperationsClientOptions>[] = [
    { quotaShare: 0 },
    { quotaShare: 1.1 },
    { quotaShare: Number.NaN },
    { requestTimeoutMs: 0 },
    { requestTimeoutMs: Number.NaN },
    { alignMs: -1 },
    { alignMs: Infinity },
    { cloud: 'moon' as 'global' },
    { graphOrigin: 'http://graph.example' },
    { graphOrigin: 'https://graph.example/v1.0' },
    { graphOrigin: 'https://user@graph.example' },
    { graphOrigin: 'graph.example' },
  ]
  test.each(wrong)('%j', (options) => {
    const [name = ''] = Object.keys(options)
    expect(() => createOperationsClient({ credential, ...options })).toThrow(name)
  })

  test('no credential, where the transport does not authenticate by itself', () => {
    expect(() => createOperationsClient({ transport: fetchTransport() })).toThrow(/credential/)
  })
})

test('the time for an answer is what was configured', async () => {
  const { simulator, clock, operations } = createSimulatedClient(
    { behaviors: [latency(5_001)] },
    { requestTimeoutMs: 5_000 },
  )
  const events = record(operations.events(simulator.tenant.addOperation().location))
  await clock.advance(5_000)
  expect(events.values).toMatchObject([{ problem: { code: 'no-answer' } }])
})
