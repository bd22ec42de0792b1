import fc from 'fast-check'
import { expect, it } from 'vitest'
import { latency, serverError, when, withProbability, type JournalEntry } from '../src/index.ts'
import { RateWindows } from '../src/judge/rate-windows.ts'
import { checkItem, clientOf, unlimited } from './test-client.ts'

interface Step {
  readonly waitMs: number
  /** Indices of operations: one is checked alone, several in a batch. */
  readonly operations: readonly number[]
}

const steps = fc.array(
  fc.record<Step>({
    waitMs: fc.constantFrom(0, 1, 999, 10_000, 29_000, 30_000, 31_000),
    operations: fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }),
  }),
  { maxLength: 25 },
)

async function run(
  schedule: readonly Step[],
  seed: number,
  keep: 'all' | 'violations',
): Promise<ReturnType<typeof unlimited>> {
  const simulator = unlimited({
    seed,
    journal: { keep },
    behaviors: [
      when(({ item }) => !item, withProbability(0.5, latency([0, 40_000]))),
      withProbability(0.2, serverError()),
    ],
  })
  const { get, batch } = clientOf(simulator)
  const known = Array.from({ length: 4 }, () => simulator.tenant.addOperation())
  const answers: Promise<unknown>[] = []
  for (const { waitMs, operations } of schedule) {
    await simulator.clock.advance(waitMs)
    const items = operations.map((index, position) =>
      checkItem(String(position), known[index] ?? simulator.tenant.addOperation()),
    )
    answers.push(items.length === 1 ? get(`/v1.0${items[0]?.url}`) : batch('v1.0', items))
  }
  await simulator.clock.advance(100_000)
  await Promise.all(answers)
  return simulator
}

/** Which checks come too early, found by comparing each with all that began before it. */
function tooEarly(entries: readonly JournalEntry[]): number[] {
  const checks = entries.filter(({ operation }) => operation !== undefined)
  const isTooEarly = (check: JournalEntry, index: number): boolean =>
    checks
      .slice(0, index)
      .some(
        ({ operation, endedAt }) =>
          operation === check.operation && check.startedAt - (endedAt ?? Infinity) < 30_000,
      )
  return checks.filter(isTooEarly).map(({ sequence }) => sequence)
}

it('whatever is checked when, the judge finds the checks that a comparison of all with all finds', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (schedule, seed) => {
      const { journal } = await run(schedule, seed, 'all')
      expect(journal.violations('check-too-early').map(({ sequence }) => sequence)).toEqual(
        tooEarly(journal.entries),
      )
      const starts = journal.entries.filter(({ operation }) => operation).map(({ startedAt }) => startedAt)
      const busiest = Math.max(
        0,
        ...starts.map((from) => starts.filter((at) => at >= from && at < from + 10_000).length),
      )
      expect(journal.maxChecksInWindow(10_000)).toBe(busiest)
    }),
    { numRuns: 60 },
  )
})

it('what it finds does not depend on what it keeps', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (schedule, seed) => {
      const [all, none] = [await run(schedule, seed, 'all'), await run(schedule, seed, 'violations')]
      expect(none.journal.violations()).toEqual(all.journal.violations())
      expect([...none.journal.checkSummaries()]).toEqual([...all.journal.checkSummaries()])
    }),
    { numRuns: 30 },
  )
})

it('no second holds more requests than the limit without one of them being found', () => {
  const moments = fc.array(
    fc.record({ waitMs: fc.constantFrom(0, 1, 250, 999, 1_000, 5_000), key: fc.constantFrom('a', 'b') }),
  )
  fc.assert(
    fc.property(moments, fc.integer({ min: 1, max: 5 }), (requests, perSecond) => {
      const windows = new RateWindows(perSecond)
      const earlier: { key: string; at: number }[] = []
      let at = 0
      for (const { waitMs, key } of requests) {
        at += waitMs
        const inSecond = earlier.filter((other) => other.key === key && other.at > at - 1_000).length
        expect(windows.hit(key, at)).toBe(inSecond >= perSecond)
        earlier.push({ key, at })
      }
    }),
  )
})
