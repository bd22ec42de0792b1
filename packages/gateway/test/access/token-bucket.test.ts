import { createVirtualClock } from '@teams-operations/core/testing'
import { describe, expect, test } from 'vitest'
import { TokenBucket } from '../../src/access/token-bucket.ts'
import { createTokenBuckets } from '../../src/access/token-buckets.ts'

const rate = { burst: 3, perSecond: 2 }

describe('a token bucket', () => {
  test('gives a burst at once, then at its rate, and says how long to wait', async () => {
    const clock = createVirtualClock()
    const bucket = new TokenBucket(rate, clock)
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0])
    expect(bucket.take()).toBe(500)
    await clock.advance(499)
    expect(bucket.take()).toBe(1)
    await clock.advance(1)
    expect([bucket.take(), bucket.take()]).toEqual([0, 500])
  })

  test('never holds more than a burst', async () => {
    const clock = createVirtualClock()
    const bucket = new TokenBucket(rate, clock)
    await clock.advance(1_000_000)
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([0, 0, 0, 500])
  })

  test('that lends has to be waited for until nothing is owed', async () => {
    const clock = createVirtualClock()
    const bucket = new TokenBucket(rate, clock)
    expect([1, 2, 3, 4, 5].map(() => bucket.spend())).toEqual([0, 0, 0, 500, 1_000])
    await clock.advance(1_000)
    expect(bucket.spend()).toBe(500)
  })

  test('without an end never runs out', () => {
    const clock = createVirtualClock()
    for (const unlimited of [
      { burst: Infinity, perSecond: 1 },
      { burst: 1, perSecond: Infinity },
      { burst: Infinity, perSecond: Infinity },
    ]) {
      const bucket = new TokenBucket(unlimited, clock)
      for (let i = 0; i < 100; i++) expect([bucket.take(), bucket.spend()]).toEqual([0, 0])
    }
  })
})

describe('token buckets', () => {
  test('keep to the rate of each key by itself', () => {
    const buckets = createTokenBuckets<string>(rate, createVirtualClock())
    expect([1, 2, 3, 4].map(() => buckets.take('ada'))).toEqual([0, 0, 0, 500])
    expect(buckets.take('bob')).toBe(0)
  })

  test('of many keys are forgotten when they are full again', async () => {
    const clock = createVirtualClock()
    const buckets = createTokenBuckets<number>(rate, clock)
    for (let key = 0; key < 10_000; key++) buckets.take(key)
    expect(buckets.size).toBe(10_000)
    await clock.advance(1_500)
    for (let key = 0; key < 5_001; key++) buckets.take(-1)
    expect(buckets.size).toBe(1)
  })

  test('do not forget who has none left', async () => {
    const clock = createVirtualClock()
    const buckets = createTokenBuckets<string>(rate, clock)
    for (let i = 0; i < 3; i++) buckets.take('ada')
    await clock.advance(400)
    for (let i = 0; i < 100; i++) buckets.take(`other ${i}`)
    expect(buckets.take('ada')).toBe(100)
  })
})
