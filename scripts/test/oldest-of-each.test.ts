import { expect, test } from 'vitest'
import { oldestOfEach } from '../check/consumer.ts'

test.each([
  ['^16.11.0 || ^17.0.0', ['16.11.0', '17.0.0']],
  ['^7.8.2', ['7.8.2']],
  ['', []],
])('of %j, the oldest versions are tried', (range, versions) => {
  expect(oldestOfEach(range)).toEqual(versions)
})
