import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { Subject } from 'rxjs'
import { beforeEach, expect, test } from 'vitest'
import { atIntervals } from '../../src/subscriptions/at-intervals.ts'

let clock: VirtualClock
let source: Subject<number>
let seen: (readonly [value: number, at: number])[]
let ending: unknown

beforeEach(() => {
  clock = createVirtualClock()
  source = new Subject()
  seen = []
  ending = undefined
})

function subscribe(restMs: (value: number) => number = () => 100): { unsubscribe(): void } {
  return source.pipe(atIntervals(clock, restMs)).subscribe({
    next: (value) => seen.push([value, clock.monotonic()]),
    error: (error: unknown) => (ending = error),
    complete: () => (ending = 'complete'),
  })
}

test('passes on the first value at once, and of those that come soon after it the newest', async () => {
  subscribe()
  for (const value of [1, 2, 3]) source.next(value)
  expect(seen).toEqual([[1, 0]])
  await clock.advance(99)
  source.next(4)
  await clock.advance(1_000)
  expect(seen).toEqual([
    [1, 0],
    [4, 100],
  ])
  expect(clock.pendingTimers).toBe(0)
  source.next(5)
  expect(seen.at(-1)).toEqual([5, 1_099])
})

test('passes on one value in an interval, however many come', async () => {
  subscribe()
  for (let value = 0; value < 1_000; value++) {
    source.next(value)
    await clock.advance(1)
  }
  await clock.advance(100)
  expect(seen.map(([, at]) => at)).toEqual(Array.from({ length: 11 }, (_, index) => index * 100))
  expect(seen.at(-1)).toEqual([999, 1_000])
})

test('rests for longer after a value that asks for it', async () => {
  subscribe((value) => value)
  source.next(500)
  source.next(10)
  await clock.advance(500)
  source.next(20)
  await clock.advance(10)
  expect(seen).toEqual([
    [500, 0],
    [10, 500],
    [20, 510],
  ])
})

test.each([
  ['completes', () => source.complete(), 'complete'],
  ['fails', () => source.error(new Error('gone')), new Error('gone')],
])('the newest value is not lost when the source %s', (_, end, expected) => {
  subscribe()
  source.next(1)
  source.next(2)
  end()
  expect(seen.map(([value]) => value)).toEqual([1, 2])
  expect(ending).toEqual(expected)
  expect(clock.pendingTimers).toBe(0)
})

test('who leaves gets nothing more, and leaves no timer', async () => {
  const subscription = subscribe()
  source.next(1)
  source.next(2)
  subscription.unsubscribe()
  expect(clock.pendingTimers).toBe(0)
  await clock.advance(1_000)
  expect(seen).toEqual([[1, 0]])
  expect(source.observed).toBe(false)
})

test('a value that the one before it brings about waits like any other', async () => {
  source.pipe(atIntervals(clock, () => 100)).subscribe((value) => {
    seen.push([value, clock.monotonic()])
    if (value < 3) source.next(value + 1)
  })
  source.next(1)
  await clock.advance(1_000)
  expect(seen).toEqual([
    [1, 0],
    [2, 100],
    [3, 200],
  ])
})
