import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKeyedCounter } from '../../src/access/keyed-counter.ts'

test('a key has room for as many as the maximum, whatever others have', () => {
  const counter = createKeyedCounter<string>(2)
  expect([counter.add('a'), counter.add('a'), counter.add('a'), counter.add('b')]).toEqual([
    true,
    true,
    false,
    true,
  ])
  counter.remove('a')
  expect(counter.count('a')).toBe(1)
  expect(counter.add('a')).toBe(true)
})

test('whatever is added and removed, nothing is left of it in the end', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4)), (keys) => {
      const counter = createKeyedCounter<number>(3)
      const added = keys.filter((key) => counter.add(key))
      expect(counter.size).toBe(new Set(added).size)
      for (const key of added) counter.remove(key)
      expect(counter.size).toBe(0)
    }),
  )
})
