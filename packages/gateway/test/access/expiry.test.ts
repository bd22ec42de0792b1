import { createVirtualClock } from '@teams-operations/core/testing'
import { describe, expect, test } from 'vitest'
import { beforeExpiry } from '../../src/access/expiry.ts'

const HOUR_MS = 3_600_000

/** How long before it expires something ends that lasts for `lifeMs`. */
async function earlyBy(lifeMs: number, random: number): Promise<number> {
  const clock = createVirtualClock()
  const expiresAt = clock.now() + lifeMs
  let endedAt: number | undefined
  beforeExpiry(expiresAt, { clock, random: () => random }, () => (endedAt = clock.now()))
  await clock.advanceUntil(() => endedAt !== undefined)
  expect(clock.pendingTimers).toBe(0)
  return expiresAt - (endedAt ?? 0)
}

describe('what expires ends', () => {
  test('before that, spread over ten seconds, and never after', async () => {
    expect(await earlyBy(HOUR_MS, 0)).toBe(500)
    expect(await earlyBy(HOUR_MS, 0.5)).toBe(5_250)
    expect(await earlyBy(HOUR_MS, 0.999_999)).toBeGreaterThan(9_990)
    for (let i = 0; i < 100; i++) {
      const early = await earlyBy(HOUR_MS, Math.random())
      expect(early).toBeGreaterThanOrEqual(500)
      expect(early).toBeLessThan(10_000)
    }
  })

  test('no earlier than by a tenth of what was left', async () => {
    expect(await earlyBy(20_000, 0.999)).toBe(2_000)
    expect(await earlyBy(1, 0.999)).toBeLessThan(1)
  })

  test('when its time comes, if the time of day jumps back', async () => {
    const clock = createVirtualClock()
    let ended = false
    beforeExpiry(clock.now() + HOUR_MS, { clock, random: () => 0 }, () => (ended = true))
    clock.jump(-HOUR_MS)
    await clock.advance(HOUR_MS)
    expect(ended).toBe(false)
    await clock.advance(HOUR_MS - 500)
    expect(ended).toBe(true)
  })

  test('also when that is further away than a timer reaches', async () => {
    const clock = createVirtualClock()
    let ended = false
    const lifeMs = 30 * 86_400_000
    beforeExpiry(clock.now() + lifeMs, { clock, random: () => 0 }, () => (ended = true))
    await clock.advance(lifeMs - 501)
    expect(ended).toBe(false)
    await clock.advance(1)
    expect(ended).toBe(true)
  })

  test('not at all, once nobody waits for it', async () => {
    const clock = createVirtualClock()
    let ended = false
    const cancel = beforeExpiry(clock.now() + HOUR_MS, { clock, random: () => 0 }, () => (ended = true))
    cancel()
    cancel()
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(HOUR_MS)
    expect(ended).toBe(false)
  })
})
