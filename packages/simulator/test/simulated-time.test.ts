import { createVirtualClock } from '@teams-operations/core/testing'
import { describe, expect, it } from 'vitest'
import { createSimulator } from '../src/index.ts'
import { createScaledClock } from '../src/simulated-time.ts'

describe('scaled time', () => {
  it('passes so many times as fast, from the same moment on', async () => {
    const base = createVirtualClock()
    const scaled = createScaledClock(60, base)
    expect(scaled.now()).toBe(base.now())
    await base.advance(1_000)
    expect(scaled.monotonic()).toBe(60_000)
    expect(scaled.now()).toBe(base.now() + 59_000)
  })

  it('fires timers when so much of it has passed, and never early', async () => {
    const base = createVirtualClock()
    const scaled = createScaledClock(60, base)
    const firedAt: number[] = []
    scaled.timer(60_000, () => firedAt.push(base.monotonic()))
    scaled.timer(1, () => firedAt.push(base.monotonic()))
    scaled.timer(-1, () => firedAt.push(base.monotonic()))
    await base.advance(999)
    expect(firedAt).toEqual([0, 1])
    await base.advance(1)
    expect(firedAt).toEqual([0, 1, 1_000])
  })

  it('waits again where the timer below fires early', async () => {
    const base = createVirtualClock()
    const hasty = { ...base, timer: (ms: number, onElapsed: () => void) => base.timer(ms * 0.9, onElapsed) }
    const scaled = createScaledClock(60, hasty)
    let firedAt: number | undefined
    scaled.timer(6_000, () => (firedAt = base.monotonic()))
    await base.advanceUntil(() => firedAt !== undefined)
    expect(firedAt).toBeGreaterThanOrEqual(100)
  })

  it('slows down as well, and its timers can be stopped', async () => {
    const base = createVirtualClock()
    const scaled = createScaledClock(0.5, base)
    let fired = false
    const cancel = scaled.timer(1_000, () => (fired = true))
    await base.advance(1_999)
    expect(fired).toBe(false)
    cancel()
    await base.advance(10_000)
    expect(fired).toBe(false)
    expect(base.pendingTimers).toBe(0)
  })

  it.each([0, -1, Number.NaN, Infinity])('does not pass %s times as fast', (speed) => {
    expect(() => createScaledClock(speed)).toThrow(RangeError)
  })
})

describe('the clock of a simulator', () => {
  it('is virtual by default, scaled or real where asked, or one of your own', () => {
    expect(createSimulator().clock.pendingTimers).toBe(0)
    const { clock: scaled } = createSimulator({ time: { speed: 1_000 } })
    expect(scaled.monotonic()).toBeGreaterThanOrEqual(0)
    const { clock: real } = createSimulator({ time: 'real' })
    expect(Math.abs(real.now() - scaled.now())).toBeLessThan(60_000)
    const own = createVirtualClock()
    expect(createSimulator({ clock: own }).clock).toBe(own)
  })
})
