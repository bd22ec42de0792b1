import { expect, test } from 'vitest'
import { CoolDown } from '../../src/polling/cool-down.ts'

test('pauses for as long as it was told, and never shortens a pause', () => {
  const coolDown = new CoolDown(() => 0.5)
  coolDown.pause(0, 10_000)
  coolDown.pause(1_000, 2_128)
  expect(coolDown.until).toBe(10_000)
  expect(coolDown.pausedMs).toBe(10_000)
})

test('counts the time of overlapping pauses once', () => {
  const coolDown = new CoolDown(() => 0)
  coolDown.pause(0, 10_000)
  coolDown.pause(5_000, 10_000)
  expect(coolDown.until).toBe(15_000)
  expect(coolDown.pausedMs).toBe(15_000)
})

test('backs off further with every failure, up to a minute, and starts again after an answer', () => {
  const coolDown = new CoolDown(() => 1)
  const delays = Array.from({ length: 8 }, (_, index) => {
    const now = index * 1_000_000
    coolDown.backOff(now)
    return coolDown.until - now
  })
  expect(delays).toEqual([3_010, 5_010, 9_010, 17_010, 33_010, 61_010, 61_010, 61_010])
  coolDown.recover()
  coolDown.backOff(9_000_000)
  expect(coolDown.until).toBe(9_003_010)
})

test('pauses even where the jitter is nothing', () => {
  const coolDown = new CoolDown(() => 0)
  coolDown.backOff(0)
  expect(coolDown.until).toBeGreaterThan(1_000)
})
