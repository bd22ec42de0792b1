import { serverError, when } from '@teams-operations/simulator'
import { expect, test } from 'vitest'
import { createSimulatedClient } from './simulated-client.ts'

test('a deadline tells what was known last, and of what was answered until then', async () => {
  const { simulator, operations, clock } = createSimulatedClient()
  const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
  simulator.use(when(() => clock.monotonic() > 100_000, serverError(503)))
  let error: unknown
  operations.watch(location, { deadlineMs: 240_000 }).subscribe({ error: (reason) => (error = reason) })
  await clock.advance(240_000)
  expect(error).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    answered: { inProgress: 4, 'graph-unavailable': expect.any(Number) },
    lastState: { revision: 1, operation: { status: 'inProgress' }, problem: { code: 'graph-unavailable' } },
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  const { lastState } = error as { readonly lastState: { readonly checks: number } }
  expect(lastState.checks).toBe(operations.stats().checks)
  await operations[Symbol.asyncDispose]()
  expect(clock.pendingTimers).toBe(0)
})
