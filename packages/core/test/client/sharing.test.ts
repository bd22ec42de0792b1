import { latency } from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { record, type Recorded } from './record.ts'
import { createSimulatedClient, seededRandom } from './simulated-client.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

describe('many subscribers to one operation', () => {
  async function checksWith(subscribers: number): Promise<readonly number[]> {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [latency([50, 900])] })
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 10 * 60_000 } })
    const recorded = Array.from({ length: subscribers }, () => record(operations.watch(location)))
    await clock.advance(HOUR_MS)
    for (const { values, completed } of recorded) {
      expect(values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
      expect(completed).toBe(true)
    }
    return simulator.journal.checksOf(location).map(({ startedAt }) => startedAt)
  }

  test('cause the same checks as one', async () => {
    const checks = await checksWith(1)
    expect(checks.length).toBeGreaterThan(15)
    expect(await checksWith(1_000)).toEqual(checks)
  })

  test('are served by one check as well where they ask in different ways', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    record(operations.watch(location))
    record(operations.watch(location, { everyCheck: true, deadlineMs: HOUR_MS }))
    record(operations.events(location))
    const got = operations.get(location)
    await clock.advance(10 * SECOND_MS)
    await expect(got).resolves.toMatchObject({ operation: { status: 'inProgress' } })
    expect(simulator.journal.counts).toMatchObject({ requests: 1, checks: 1 })
  })

  test('all see the same states in the same order, whenever they come', async () => {
    const steps = ['notStarted', 'invalid', 'inProgress', 'somethingNew', 'inProgress']
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({
      script: { steps: steps.map((status) => ({ status, forMs: 35 * SECOND_MS })), outcome: 'failed' },
    })
    const recorded = [record(operations.watch(location))]
    for (let second = 0; second < 240; second++) {
      await clock.advance(SECOND_MS)
      if (second % 20 === 0) recorded.push(record(operations.watch(location)))
    }
    const all = recorded[0]?.values ?? []
    expect(all.map(({ operation }) => operation.status)).toEqual([...steps, 'failed'])
    expect(all.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6])
    for (const { values, completed } of recorded) {
      const operationsSeen = values.map(({ operation }) => operation)
      expect(operationsSeen).toEqual(all.slice(-values.length).map(({ operation }) => operation))
      expect(completed).toBe(true)
    }
    expect(Math.min(...recorded.map(({ values }) => values.length))).toBe(1)
  })

  test('keep apart what is of different operations', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const team = simulator.tenant.addTeam()
    const outcomes = ['succeeded', 'failed', 'stuck'] as const
    const recorded = outcomes.map((outcome) => {
      const { id, location } = simulator.tenant.addOperation({ teamId: team.id, script: { outcome } })
      return { id, ...record(operations.watch(location)) }
    })
    await clock.advance(120 * SECOND_MS)
    expect(recorded.map(({ values }) => values.at(-1)?.operation.status)).toEqual([
      'succeeded',
      'failed',
      'inProgress',
    ])
    for (const { id, values } of recorded) {
      expect(new Set(values.map(({ operation }) => operation.id))).toEqual(new Set([id]))
    }
  })
})

describe('subscribers that come and go', () => {
  test.each([
    ['one after the other, every second', 0, 1],
    ['one after the other, while an answer takes three seconds', 3_000, 1],
    ['several at a time, for parts of a second', 400, 4],
  ])('%s, cause no check within 30 seconds for an hour', async (_, latencyMs, most) => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [latency(latencyMs)] })
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const random = seededRandom(3)
    const current: Recorded<unknown>[] = []
    for (let second = 0; second < 3_600; second++) {
      if (current.length >= most) current.shift()?.subscription.unsubscribe()
      await clock.advance(random() * 500)
      current.push(
        record<unknown>(second % 2 === 0 ? operations.watch(location) : operations.events(location)),
      )
      await clock.advance((second + 1) * SECOND_MS - clock.monotonic())
    }
    const gaps = simulator.journal.gapsOf(location)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000)
    expect(simulator.journal.violations()).toEqual([])
    // And the checks are made: as many as one who stays would cause, but for those that nobody waits for.
    expect(gaps.length).toBeGreaterThan(95)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(36_000)
  })

  test('of many operations, which travel together, cause none either', async () => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [latency([0, 2_000])] })
    const random = seededRandom(5)
    const followed = Array.from({ length: 30 }, () => ({
      location: simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location,
      subscription: undefined as Recorded<unknown>['subscription'] | undefined,
    }))
    for (let second = 0; second < 1_200; second++) {
      for (const each of followed) {
        if (random() < 0.5) continue
        if (each.subscription === undefined) {
          each.subscription = record(operations.watch(each.location)).subscription
        } else {
          each.subscription.unsubscribe()
          each.subscription = undefined
        }
      }
      await clock.advance(SECOND_MS)
    }
    const summaries = [...simulator.journal.checkSummaries()]
    expect(summaries).toHaveLength(30)
    for (const { checks, shortestGapMs } of summaries) {
      expect(shortestGapMs).toBeGreaterThanOrEqual(30_000)
      expect(checks).toBeGreaterThan(25)
    }
    expect(simulator.journal.counts.batches).toBeGreaterThan(30)
  })
})

describe('the last subscriber', () => {
  test('stops the polling by leaving, and no timer is left', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const subscriptions = [
      record(operations.watch(location)),
      record(operations.events(location)),
      record(operations.watch(location, { deadlineMs: HOUR_MS })),
    ].map(({ subscription }) => subscription)
    await clock.advance(100 * SECOND_MS)
    const { checks } = simulator.journal.counts
    expect(checks).toBeGreaterThan(2)
    expect(clock.pendingTimers).toBeGreaterThan(0)
    for (const subscription of subscriptions) subscription.unsubscribe()
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.checks).toBe(checks)
    expect(operations.stats().followed).toBe(0)
  })

  test('may leave before the first check, which is then not made', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation()
    record(operations.watch(location)).subscription.unsubscribe()
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.requests).toBe(0)
    expect(clock.pendingTimers).toBe(0)
  })

  test('leaves what was found to those who come later, also what comes after it has left', async () => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [latency(5_000)] })
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const first = record(operations.watch(location))
    await clock.advance(SECOND_MS)
    first.subscription.unsubscribe()
    await clock.advance(10 * SECOND_MS)
    const second = record(operations.watch(location))
    await clock.advance(0)
    expect(first.values).toEqual([])
    expect(second.values).toMatchObject([{ operation: { status: 'inProgress' }, checks: 1 }])
  })
})

describe('a new subscriber', () => {
  test('within 30 seconds of a check gets the known state at once, and the next check in its time', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 15 * SECOND_MS } })
    const first = record(operations.watch(location))
    await clock.advance(5 * SECOND_MS)
    first.subscription.unsubscribe()
    await clock.advance(15 * SECOND_MS)

    const second = record(operations.watch(location))
    await clock.advance(0)
    expect(second.values).toEqual(first.values)
    await clock.advance(10 * SECOND_MS)
    expect(simulator.journal.counts.checks).toBe(1)
    await clock.advance(5 * SECOND_MS)
    expect(simulator.journal.gapsOf(location)).toEqual([
      expect.toSatisfy((gap) => gap >= 31_000 && gap <= 33_500),
    ])
    expect(second.values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
    expect(second.completed).toBe(true)
  })

  test('of an operation that is followed gets the current state in the same moment', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const first = record(operations.watch(location))
    await clock.advance(SECOND_MS)
    const second = record(operations.watch(location))
    expect(second.values).toEqual(first.values)
    expect(second.values).toHaveLength(1)
  })

  test('of an operation that has ended gets its end at once, and causes no check', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 0, outcome: 'failed' } })
    record(operations.watch(location))
    await clock.advance(60 * SECOND_MS)
    const late = record(operations.watch(location))
    await clock.advance(60 * SECOND_MS)
    expect(late.values).toMatchObject([{ operation: { status: 'failed' }, nextCheckAt: undefined }])
    expect(late.completed).toBe(true)
    expect(simulator.journal.counts.checks).toBe(1)
  })

  test('long after the last one gets the known state, and a check at once', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 60 * SECOND_MS } })
    const first = record(operations.watch(location))
    await clock.advance(SECOND_MS)
    first.subscription.unsubscribe()
    await clock.advance(120 * SECOND_MS)
    const second = record(operations.watch(location))
    await clock.advance(10)
    expect(second.values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
  })
})
