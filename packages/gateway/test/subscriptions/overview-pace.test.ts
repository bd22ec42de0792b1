import type { OperationState } from '@teams-operations/core'
import { createVirtualClock } from '@teams-operations/core/testing'
import { Subject } from 'rxjs'
import { expect, test } from 'vitest'
import { OverviewPace } from '../../src/subscriptions/overview-pace.ts'

type States = readonly OperationState[]

/** How often each is shown operations of which one comes or goes every second, for 200 seconds. */
async function countOverviews(size: number, viewers: number): Promise<readonly number[]> {
  const clock = createVirtualClock()
  const pace = new OverviewPace(clock)
  const followed = new Subject<States>()
  const counts = Array.from({ length: viewers }, () => 0)
  const subscriptions = counts.map((_, viewer) =>
    pace.keep(followed).subscribe(() => (counts[viewer] = (counts[viewer] ?? 0) + 1)),
  )
  const states = Array.from({ length: size }, () => ({}) as OperationState)
  for (let tick = 0; tick < 200; tick++) {
    followed.next(states)
    await clock.advance(1_000)
  }
  for (const subscription of subscriptions) subscription.unsubscribe()
  expect(clock.pendingTimers).toBe(0)
  return counts
}

test('few operations are shown whenever something changes', async () => {
  expect(await countOverviews(100, 1)).toEqual([200])
})

test('however many overviews of however many operations there are, what they cost is bounded', async () => {
  // 10,000 operations every 1.5 seconds.
  const [alone = 0] = await countOverviews(10_000, 1)
  expect(alone).toBeGreaterThan(120)
  expect(alone).toBeLessThan(140)
  const each = await countOverviews(10_000, 20)
  // 20 of them take as much as one, and none of them is forgotten.
  for (const count of each) expect(count).toBeGreaterThan(6)
  expect(each.reduce((sum, count) => sum + count, 0)).toBeLessThan(200)
})

test('who has left counts no more', async () => {
  const clock = createVirtualClock()
  const pace = new OverviewPace(clock)
  const followed = new Subject<States>()
  const others = Array.from({ length: 50 }, () => pace.keep(followed).subscribe())
  for (const other of others) other.unsubscribe()
  const seen: number[] = []
  pace.keep(followed).subscribe(() => seen.push(clock.monotonic()))
  const states = Array.from({ length: 800 }, () => ({}) as OperationState)
  followed.next(states)
  followed.next(states)
  await clock.advance(350)
  expect(seen).toEqual([0, 350])
})
