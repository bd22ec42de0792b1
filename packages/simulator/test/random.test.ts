import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../src/random.ts'

const guids = (seed: number | string, count: number): string[] => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => random.guid())
}

describe('seeded randomness', () => {
  it('is the same for the same seed, and different for any other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(guids(one, 3)).toEqual(guids(one, 3))
        if (one !== other) expect(guids(one, 3)).not.toEqual(guids(other, 3))
      }),
    )
  })

  it('gives numbers within bounds, and every whole number between them', () => {
    const random = createRandom(1)
    const drawn = Array.from({ length: 1_000 }, () => random.integer(3, 7))
    expect([...new Set(drawn)].toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6, 7])
    const shares = Array.from({ length: 1_000 }, () => random.next())
    expect(shares.every((share) => share >= 0 && share < 1)).toBe(true)
    expect(shares.reduce((sum, share) => sum + share) / 1_000).toBeCloseTo(0.5, 1)
  })

  it('gives version 4 GUIDs, and none of them twice', () => {
    const many = guids('a', 20_000)
    expect(
      many.every((guid) =>
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(guid),
      ),
    ).toBe(true)
    expect(new Set(many).size).toBe(many.length)
  })

  it('is forked into sequences of their own', () => {
    const [one, same] = [createRandom(1), createRandom(1)]
    one.next()
    expect(one.fork('a').guid()).toBe(same.fork('a').guid())
    expect(one.fork('a').guid()).not.toBe(one.fork('b').guid())
  })
})
