import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CheckSchedule } from '../../src/polling/check-schedule.ts'

const schedules = fc.record({
  endedAt: fc.integer({ min: 0, max: 2 ** 40 }),
  intervalMs: fc.integer({ min: 30_001, max: 600_000 }),
  alignMs: fc.integer({ min: 0, max: 10_000 }),
  seeds: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    minLength: 3,
    maxLength: 3,
  }),
})

test('is never earlier than the interval, and at most a jitter and a slot later', () => {
  fc.assert(
    fc.property(schedules, ({ endedAt, intervalMs, alignMs, seeds }) => {
      const random = cycle(seeds)
      const next = new CheckSchedule({ intervalMs, alignMs, random }).next(endedAt)
      expect(next - endedAt).toBeGreaterThanOrEqual(intervalMs)
      expect(next - endedAt).toBeLessThanOrEqual(intervalMs * (1 + 1 / 62) + alignMs + 2)
      expect(Number.isInteger(next)).toBe(true)
    }),
  )
})

test('brings checks that end at different times of a slot together', () => {
  const schedule = new CheckSchedule({ intervalMs: 31_000, alignMs: 2_000, random: () => 0 })
  const moments = Array.from({ length: 20 }, (_, index) => schedule.next(60_001 + index * 50))
  expect(new Set(moments).size).toBe(1)
})

test('backs off between nothing and a ceiling that doubles up to five minutes', () => {
  const schedule = new CheckSchedule({ intervalMs: 31_000, alignMs: 0, random: () => 0.5 })
  expect([1, 2, 3, 20].map((failures) => schedule.backoffMs(failures))).toEqual([
    1_000, 2_000, 4_000, 150_000,
  ])
})

function cycle(values: readonly number[]): () => number {
  let index = 0
  return () => values[index++ % values.length] as number
}
