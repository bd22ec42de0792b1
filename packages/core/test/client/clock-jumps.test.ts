import { isCheck, latency, throttle, times, when } from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { record } from './record.ts'
import { createSimulatedClient, seededRandom } from './simulated-client.ts'

const HOUR_MS = 3_600_000

describe.each([
  ['forward by an hour', HOUR_MS],
  ['backward by an hour', -HOUR_MS],
  ['back to 1970', -Date.UTC(2026, 0, 1)],
])('a time of day that jumps %s', (_, jumpMs) => {
  test.each([1_000, 15_000, 30_999])(
    'neither hastens nor delays a check, %i ms after the last',
    async (afterMs) => {
      const { simulator, clock, operations } = createSimulatedClient()
      const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
      record(operations.watch(location))
      await clock.advance(afterMs)
      clock.jump(jumpMs)
      await clock.advance(200_000)
      const gaps = simulator.journal.gapsOf(location)
      expect(gaps.length).toBeGreaterThanOrEqual(5)
      for (const gap of gaps) expect(gap).toSatisfy((ms) => ms >= 31_000 && ms <= 33_500)
    },
  )

  test('while an answer is on its way changes nothing either', async () => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [latency(10_000)] })
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 20_000 } })
    const states = record(operations.watch(location))
    await clock.advance(5_000)
    clock.jump(jumpMs)
    await clock.advance(55_000)
    expect(states.values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
    expect(simulator.journal.gapsOf(location)).toEqual([
      expect.toSatisfy((ms) => ms >= 31_000 && ms <= 33_500),
    ])
  })

  test('changes nothing in the first check after a start', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const ref = await operations.submit(archiveTeam(simulator.tenant.addTeam().id))
    record(operations.watch(ref))
    clock.jump(jumpMs)
    await clock.advance(20_000)
    expect(simulator.journal.checksOf(ref).map(({ startedAt }) => startedAt)).toEqual([8_000])
  })

  test.each([
    ['seconds', () => '120'],
    ['a date', (now: number) => new Date(now + 120_000).toUTCString()],
  ])('changes nothing in a Retry-After in %s', async (__, retryAfter) => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [
        when(isCheck, times(1, throttle({ retryAfter: (exchange) => retryAfter(exchange.clock.now()) }))),
      ],
    })
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    record(operations.watch(location))
    await clock.advance(10_000)
    clock.jump(jumpMs)
    await clock.advance(200_000)
    expect(simulator.journal.gapsOf(location)[0]).toSatisfy((ms) => ms >= 120_000 && ms <= 122_000)
  })

  test('changes nothing in a deadline', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const states = record(operations.watch(location, { deadlineMs: 100_000 }))
    await clock.advance(50_000)
    clock.jump(jumpMs)
    await clock.advance(49_999)
    expect(states.error).toBeUndefined()
    await clock.advance(1)
    expect(states.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  })

  test('does not leave an operation without a token that Graph takes', async () => {
    const { simulator, clock, operations } = createSimulatedClient(
      { tokens: { lifetimeMs: HOUR_MS } },
      ({ clock: time }) => ({
        credential: {
          getToken: async () => ({
            token: `token-${time.monotonic()}`,
            expiresOnTimestamp: time.now() + HOUR_MS,
          }),
        },
      }),
    )
    const states = record(
      operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location, {
        everyCheck: true,
      }),
    )
    await clock.advance(60_000)
    clock.jump(jumpMs)
    await clock.advance(3 * HOUR_MS)
    expect(states.error).toBeUndefined()
    expect(operations.stats().outcomes.unauthenticated).toBeLessThanOrEqual(3)
    expect(operations.stats().outcomes.found).toBeGreaterThan(300)
  })
})

test('a time of day that jumps all the time breaks no rule', async () => {
  const { simulator, clock, operations } = createSimulatedClient()
  const random = seededRandom(11)
  for (let index = 0; index < 20; index++) {
    record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location))
  }
  for (let second = 0; second < 3_600; second += 7) {
    clock.jump((random() - 0.5) * 4 * HOUR_MS)
    await clock.advance(7_000)
  }
  for (const { checks, longestGapMs } of simulator.journal.checkSummaries()) {
    expect(checks).toBeGreaterThan(100)
    expect(longestGapMs).toBeLessThan(36_000)
  }
})
