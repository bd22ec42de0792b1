import { createVirtualClock } from '@teams-operations/core/testing'
import { expect, test } from 'vitest'
import { limitTimer } from '../../src/access/limit-timer.ts'

test('a limit of time that is switched off needs no timer, and any other fires when it has passed', async () => {
  const clock = createVirtualClock()
  const elapsed: string[] = []
  limitTimer(clock, Infinity, () => elapsed.push('never'))()
  expect(clock.pendingTimers).toBe(0)
  limitTimer(clock, 20, () => elapsed.push('in time'))
  limitTimer(clock, 20, () => elapsed.push('cancelled'))()
  await clock.advance(20)
  expect(elapsed).toEqual(['in time'])
})
