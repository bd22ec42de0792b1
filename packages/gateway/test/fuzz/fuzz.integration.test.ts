import { expect, test } from 'vitest'
import { findProblems } from './find-problems.ts'
import { fuzz } from './fuzz.ts'

test('hostile clients harm only themselves: 5,000 messages, of which `npm run fuzz` sends a million', async () => {
  const report = await fuzz({ messages: 5_000, seed: 1 })
  expect(report.messages).toBeGreaterThanOrEqual(5_000)
  expect(findProblems(report)).toEqual([])
}, 120_000)
