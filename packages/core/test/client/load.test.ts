import type { OperationScript, Simulator } from '@teams-operations/simulator'
import type { Subscription } from 'rxjs'
import { describe, expect, test } from 'vitest'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { createSimulatedClient, seededRandom, type SimulatedClient } from './simulated-client.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const OPERATIONS = 2_000
/** What a share of a half leaves each of 2,000 operations: 15 checks a second for all of them. */
const FAIR_SHARE_MS = (OPERATIONS / 15) * 1_000

/** Operations that never end, each of a team of its own. */
function addOperations(simulator: Simulator<VirtualClock>, count: number): string[] {
  return Array.from(
    { length: count },
    () => simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location,
  )
}

describe('2,000 operations in one tenant at a share of a half', { timeout: 60_000 }, () => {
  async function followFor(durationMs: number): Promise<SimulatedClient> {
    const simulated = createSimulatedClient({ journal: { keep: 'violations' } })
    for (const location of addOperations(simulated.simulator, OPERATIONS))
      simulated.operations.watch(location).subscribe()
    await simulated.clock.advance(durationMs)
    return simulated
  }

  test('keep within the budget, break no rule, and all have their turn', async () => {
    const { simulator, operations } = await followFor(HOUR_MS / 2)
    expect(simulator.journal.violationCount()).toBe(0)
    expect(simulator.journal.maxChecksInWindow(10_000)).toBeLessThanOrEqual(150)
    expect(simulator.journal.maxChecksInWindow(1_000)).toBeLessThanOrEqual(15)
    const summaries = [...simulator.journal.checkSummaries()]
    expect(summaries).toHaveLength(OPERATIONS)
    const longest = Math.max(...summaries.map(({ longestGapMs }) => longestGapMs ?? Infinity))
    expect(longest).toBeLessThanOrEqual(1.2 * FAIR_SHARE_MS)
    // The budget is used, and not only kept: all but a hundredth of it.
    expect(operations.stats().checks).toBeGreaterThan(0.99 * 1_800 * (15 / 1.01))
    expect(operations.stats().batchFill).toBeGreaterThan(14)
    await operations[Symbol.asyncDispose]()
  })

  test('let a newcomer have its first check within ten seconds', async () => {
    const { simulator, operations, clock } = await followFor(5 * MINUTE_MS)
    const newcomers = addOperations(simulator, 50)
    const seen: number[] = []
    const arrivedAt = clock.monotonic()
    for (const location of newcomers) {
      operations.watch(location).subscribe(() => seen.push(clock.monotonic() - arrivedAt))
    }
    await clock.advance(10_000)
    expect(seen).toHaveLength(50)
    await operations[Symbol.asyncDispose]()
  })
})

test('nobody starves in a day of arrivals and departures', { timeout: 120_000 }, async () => {
  // A fifth of the default share and of its operations: the same pressure with a fifth of the checks.
  const readsPerSecond = 3
  const { simulator, operations, clock } = createSimulatedClient(
    { journal: { keep: 'violations' } },
    { quotaShare: readsPerSecond / 30 },
  )
  const random = seededRandom(7)
  const followed = new Map<string, { readonly subscription: Subscription; readonly since: number }>()
  const arrive = (): void => {
    // Most end by themselves; some are stuck and are given up after two hours.
    const script: OperationScript =
      random() < 0.2 ? { outcome: 'stuck' } : { inProgressMs: MINUTE_MS + random() * HOUR_MS }
    const { location } = simulator.tenant.addOperation({ script })
    const subscription = operations.watch(location).subscribe({ complete: () => followed.delete(location) })
    followed.set(location, { subscription, since: clock.monotonic() })
  }
  const giveUp = (): void => {
    for (const [location, { subscription, since }] of followed) {
      if (clock.monotonic() - since < 2 * HOUR_MS) continue
      subscription.unsubscribe()
      followed.delete(location)
    }
  }
  let arrived = 0
  let most = 0
  for (let minute = 0; minute < 24 * 60; minute++) {
    // A busy half of the day and a quiet one.
    const arrivals = Math.round(4 + 4 * Math.sin((minute / (24 * 60)) * 2 * Math.PI))
    for (let index = 0; index < arrivals; index++) arrive()
    arrived += arrivals
    giveUp()
    await clock.advance(MINUTE_MS)
    most = Math.max(most, followed.size)
  }
  expect(most).toBeGreaterThan(200)
  expect(simulator.journal.violationCount()).toBe(0)
  expect(simulator.journal.maxChecksInWindow(10_000)).toBeLessThanOrEqual(10 * readsPerSecond)
  const summaries = [...simulator.journal.checkSummaries()]
  expect(summaries.length).toBe(arrived)
  // Whoever waited longest waited no longer than the fair share when there were most, and a fifth.
  const longest = Math.max(...summaries.map(({ longestGapMs }) => longestGapMs ?? 0))
  expect(longest).toBeLessThanOrEqual(1.2 * Math.max(33_500, (most / readsPerSecond) * 1_000))
  await operations[Symbol.asyncDispose]()
  expect(clock.pendingTimers).toBe(0)
})
