import {
  dropConnection,
  isCheck,
  refuse,
  serverError,
  throttle,
  times,
  when,
} from '@teams-operations/simulator'
import { from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { record, type Recorded } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

function watchSome(count: number, { simulator, operations }: SimulatedClient): Recorded<unknown>[] {
  return Array.from({ length: count }, () =>
    record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location)),
  )
}

describe('followed', () => {
  test('gives the known states of what is followed, at once and whenever one changes', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const slow = simulator.tenant.addOperation({ script: { inProgressMs: 50_000 } })
    const quick = simulator.tenant.addOperation({ script: { inProgressMs: 20_000, outcome: 'failed' } })
    const overview = record(operations.followed())
    const shown = (): string[][] =>
      overview.values.map((states) =>
        states.map(({ ref, operation }) => `${ref.location} ${operation.status}`),
      )
    expect(shown()).toEqual([[]])
    record(operations.watch(slow.location))
    record(operations.events(quick.location))
    await clock.advance(1_000)
    expect(shown().at(-1)).toEqual([`${slow.location} inProgress`, `${quick.location} inProgress`])
    const late = record(operations.followed())
    expect(late.values).toEqual([overview.values.at(-1)])
    await clock.advance(40_000)
    // What has ended is not followed any more.
    expect(shown().at(-1)).toEqual([`${slow.location} inProgress`])
    await clock.advance(40_000)
    expect(shown().at(-1)).toEqual([])
    expect(overview.completed).toBe(false)
  })

  test('gives one value for what happens together', async () => {
    const simulated = createSimulatedClient({}, { quotaShare: 1 })
    watchSome(20, simulated)
    await simulated.clock.advance(0)
    const overview = record(simulated.operations.followed())
    await simulated.clock.advance(40_000)
    expect(overview.values.length).toBeLessThanOrEqual(3)
    expect(overview.values.at(-1)).toHaveLength(20)
  })

  test('follows nothing by itself, and loses what the last subscriber leaves', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    const overview = record(operations.followed())
    const [stream] = watchSome(1, simulated)
    await clock.advance(1_000)
    expect(overview.values.at(-1)).toHaveLength(1)
    stream?.subscription.unsubscribe()
    await clock.advance(0)
    expect(overview.values.at(-1)).toEqual([])
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(3_600_000)
    expect(simulator.journal.counts.checks).toBe(1)
  })

  test('shows the problem of a check that failed', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    watchSome(1, simulated)
    await clock.advance(1_000)
    const overview = record(operations.followed())
    simulator.use(when(isCheck, serverError(500)))
    await clock.advance(40_000)
    expect(overview.values.at(-1)).toMatchObject([{ problem: { code: 'graph-unavailable' }, checks: 2 }])
  })
})

describe('stats', () => {
  test('are all zero before anything happens', () => {
    const { operations } = createSimulatedClient()
    expect(operations.stats()).toMatchObject({
      followed: 0,
      checks: 0,
      requests: 0,
      batches: 0,
      batchFill: 0,
      throttles: 0,
      pausedMs: 0,
      budget: { used: 0 },
      detectionDelayMs: { count: 0, mean: 0, max: 0 },
      waitMs: { count: 0, mean: 0, max: 0 },
    })
  })

  test('count checks and requests as Graph sees them', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    watchSome(10, simulated)
    await clock.advance(1_000)
    watchSome(1, simulated)
    await clock.advance(600_000)
    const { journal } = simulator
    const stats = operations.stats()
    expect(stats).toMatchObject({
      followed: 11,
      checks: journal.counts.checks,
      requests: journal.counts.requests,
      batches: journal.counts.batches,
      batchFill: journal.counts.checks / journal.counts.requests,
      throttles: 0,
    })
    expect(stats.batches).toBeGreaterThan(10)
    expect(stats.batchFill).toBeGreaterThan(5)
  })

  test('count what came of the checks', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    watchSome(1, simulated)
    await clock.advance(1_000)
    const outcomes = [
      refuse(404, 'NotFound', ''),
      refuse(401, 'InvalidAuthenticationToken', ''),
      throttle(),
      serverError(500),
      dropConnection(),
      refuse(403, 'Forbidden', ''),
    ]
    for (const behavior of outcomes) {
      const { checks } = operations.stats()
      simulator.use(when(isCheck, times(1, behavior)))
      await clock.advanceUntil(() => operations.stats().checks > checks)
    }
    expect(operations.stats()).toMatchObject({
      checks: 7,
      throttles: 1,
      followed: 0,
      outcomes: {
        found: 1,
        throttled: 1,
        'graph-unavailable': 1,
        'no-connection': 1,
        'not-replicated': 1,
        unauthenticated: 1,
        'access-denied': 1,
        lost: 0,
        refused: 0,
        'no-answer': 0,
        'unusable-body': 0,
        'no-token': 0,
      },
    })
  })

  test('tell how long the client was held back', async () => {
    const simulated = createSimulatedClient({
      behaviors: [when(isCheck, times(1, throttle({ retryAfter: '45' })))],
    })
    watchSome(1, simulated)
    await simulated.clock.advance(100_000)
    expect(simulated.operations.stats()).toMatchObject({ pausedMs: 45_000, throttles: 1 })
  })

  test('tell how late a change was seen, at most', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 20_000 } })
    record(operations.watch(location))
    await clock.advance(100_000)
    const [gap = 0] = simulator.journal.gapsOf(location)
    // The first state is no change.
    expect(operations.stats().detectionDelayMs).toEqual({ count: 1, mean: gap, max: gap })
  })

  test('tell how long due checks waited for the budget', async () => {
    const simulated = createSimulatedClient()
    watchSome(30, simulated)
    await simulated.clock.advance(5_000)
    expect(simulated.operations.stats().waitMs).toEqual({ count: 30, mean: 505, max: 1_010 })
  })

  test('tell the budget and how much of it is used, by lists as well', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    const { id: teamId } = simulator.tenant.addTeam()
    expect(operations.stats().budget).toEqual({ readsPerSecond: expect.closeTo(15 / 1.01), used: 0 })
    watchSome(10, simulated)
    await clock.advance(100)
    expect(operations.stats().budget.used).toBe(10)
    await lastValueFrom(from(operations.list({ teamId })).pipe(toArray()))
    expect(operations.stats().budget.used).toBe(11)
    await clock.advance(1_110)
    expect(operations.stats().budget.used).toBe(0)
  })
})
