import { expect, test } from 'vitest'
import type { Condition } from '../../src/server/outcomes.ts'
import { createReadiness } from '../../src/server/readiness.ts'

test('a gateway is ready when all that it needs is there, and never again once it stops', () => {
  const conditions: Record<string, Condition> = { token: 'unknown', graph: 'good' }
  const readiness = createReadiness(() => conditions)
  expect(readiness.isReady).toBe(false)
  expect(readiness.read()).toEqual({ serving: 'ok', token: 'starting', graph: 'ok' })
  conditions['token'] = 'good'
  expect(readiness.isReady).toBe(true)
  conditions['graph'] = 'bad'
  expect(readiness.isReady).toBe(false)
  expect(readiness.read()).toEqual({ serving: 'ok', token: 'ok', graph: 'failing' })
  conditions['graph'] = 'good'
  readiness.stop()
  expect(readiness.isReady).toBe(false)
  expect(readiness.read()).toEqual({ serving: 'stopping', token: 'ok', graph: 'ok' })
})
