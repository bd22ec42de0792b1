import {
  brokenItem,
  dropConnection,
  duplicateItem,
  emptyBody,
  isBatch,
  isCheck,
  isItem,
  latency,
  malformedBody,
  missingItem,
  neverEnding,
  serverError,
  throttle,
  when,
  withProbability,
  wrongStructure,
  type Behavior,
} from '@teams-operations/simulator'
import { expect, test } from 'vitest'
import { record, type Recorded } from './record.ts'
import { createSimulatedClient, seededRandom } from './simulated-client.ts'

/** All that can go wrong and passes, each now and then. */
const faults: readonly Behavior[] = [
  latency([0, 4_000]),
  withProbability(0.02, throttle({ retryAfter: '7' })),
  withProbability(0.02, throttle({ retryAfter: '0' })),
  withProbability(0.02, serverError(503, { retryAfter: '2.5' })),
  withProbability(0.05, serverError(500)),
  withProbability(0.03, dropConnection()),
  withProbability(0.03, dropConnection({ at: 'body' })),
  withProbability(0.01, neverEnding({ at: 'answer' })),
  withProbability(0.01, neverEnding()),
  when(isItem, withProbability(0.05, missingItem())),
  when(isItem, withProbability(0.05, brokenItem())),
  when(isItem, withProbability(0.05, duplicateItem())),
  when(isBatch, withProbability(0.03, wrongStructure())),
  when(isCheck, withProbability(0.03, malformedBody())),
  when(isCheck, withProbability(0.03, emptyBody())),
]

test.each([1, 2, 3, 4])(
  'whatever passes, and whoever comes and goes, no rule is broken and every end is seen (seed %i)',
  async (seed) => {
    const random = seededRandom(seed)
    const { simulator, clock, operations } = createSimulatedClient(
      { seed, behaviors: faults },
      { random: seededRandom(seed + 100), quotaShare: 0.2 },
    )
    const chat = simulator.tenant.addChat()
    const team = simulator.tenant.addTeam()
    const all = Array.from({ length: 40 }, (_, index) => {
      const owner = [{}, { teamId: team.id }, { chatId: chat.id }][index % 3]
      const outcome = random() < 0.3 ? 'failed' : 'succeeded'
      const inProgressMs = random() * 20 * 60_000
      const { location } = simulator.tenant.addOperation({ ...owner, script: { outcome, inProgressMs } })
      return { location, outcome }
    })
    const passing: Recorded<unknown>[] = []
    const staying = all.map(({ location }) => record(operations.watch(location)))
    for (let minute = 0; minute < 60; minute++) {
      for (const { location } of all) {
        if (random() < 0.1) passing.push(record<unknown>(operations.events(location)))
        if (random() < 0.1) passing.pop()?.subscription.unsubscribe()
        if (random() < 0.05) operations.get(location).catch(() => {})
      }
      await clock.advance(60_000)
    }
    for (const [index, { values, completed, error }] of staying.entries()) {
      expect({ completed, error }).toEqual({ completed: true })
      expect(values.at(-1)?.operation.status).toBe(all[index]?.outcome)
      expect(values.map(({ revision }) => revision)).toEqual(values.map((_, place) => place + 1))
    }
    const { outcomes } = operations.stats()
    for (const code of [
      'throttled',
      'graph-unavailable',
      'no-connection',
      'no-answer',
      'unusable-body',
    ] as const) {
      expect(outcomes[code], code).toBeGreaterThan(0)
    }
    expect(operations.stats().followed).toBe(0)
    expect(clock.pendingTimers).toBe(0)
    expect(simulator.journal.violations()).toEqual([])
    expect(simulator.journal.maxChecksInWindow(1_000)).toBeLessThanOrEqual(6)
  },
)
