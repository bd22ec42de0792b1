import { TestScheduler } from 'rxjs/testing'
import { expect } from 'vitest'
import type { Clock } from '../../src/clock.ts'

/** A scheduler for marble diagrams whose expectations are vitest's. */
export function marbles(): TestScheduler {
  return new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected)
  })
}

/** The scheduler's virtual time as a clock, for operators that take one. Only inside of its `run`. */
export function clockOf(scheduler: TestScheduler): Clock {
  return {
    now: () => scheduler.now(),
    monotonic: () => scheduler.now(),
    timer(delayMs, onElapsed) {
      const action = scheduler.schedule(onElapsed, delayMs)
      return () => action.unsubscribe()
    },
  }
}
