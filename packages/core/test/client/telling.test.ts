import {
  dropConnection,
  isCheck,
  purge,
  refuse,
  serverError,
  throttle,
  times,
  when,
} from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import type { CheckFailure } from '../../src/polling/check-failure.ts'
import { record } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

interface Told extends SimulatedClient {
  readonly failures: CheckFailure[]
  readonly pauses: number[]
}

function createTellingClient(): Told {
  const failures: CheckFailure[] = []
  const pauses: number[] = []
  const simulated = createSimulatedClient(
    {},
    { onCheckFailed: (failure) => failures.push(failure), onPause: (pauseMs) => pauses.push(pauseMs) },
  )
  return { ...simulated, failures, pauses }
}

describe('whoever keeps a log is told', () => {
  test('of each check that gave no state, once, however many follow', async () => {
    const { simulator, clock, operations, failures } = createTellingClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    for (let i = 0; i < 5; i++) record(operations.watch(location))
    await clock.advance(1_000)
    expect(failures).toEqual([])
    simulator.use(when(isCheck, times(2, serverError(502))))
    await clock.advance(300_000)
    const [, first, second] = simulator.journal.checksOf(location)
    expect(failures).toMatchObject(
      [first, second].map((check) => ({
        ref: { location },
        code: 'graph-unavailable',
        message: expect.stringContaining('502') as string,
        requestId: check?.requestId,
        isFinal: false,
      })),
    )
  })

  test('of what was thrown where there was no answer', async () => {
    const { simulator, clock, operations, failures } = createTellingClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    record(operations.watch(location))
    simulator.use(when(isCheck, times(1, dropConnection())))
    await clock.advance(1_000)
    expect(failures).toMatchObject([{ code: 'no-connection', cause: expect.any(Error) as Error }])
  })

  test.each([
    ['access-denied', when(isCheck, refuse(403, 'Forbidden', 'Missing role permissions.'))],
    ['unauthenticated', when(isCheck, refuse(401, 'InvalidAuthenticationToken', ''))],
    ['refused', when(isCheck, refuse(400, 'BadRequest', ''))],
    ['lost', purge()],
  ])('that an operation is followed no more, because it is %s', async (code, behavior) => {
    const { simulator, clock, operations, failures } = createTellingClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    record(operations.watch(location))
    await clock.advance(200_000)
    simulator.use(behavior)
    await clock.advance(100_000)
    expect(failures.at(-1)).toMatchObject({ code, isFinal: true })
    expect(operations.stats()).toMatchObject({ followed: 0, outcomes: { [code]: failures.length } })
  })

  test('for how long nothing is sent, whenever that becomes longer', async () => {
    const { simulator, clock, operations, failures, pauses } = createTellingClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    record(operations.watch(location))
    simulator.use(when(isCheck, times(1, throttle({ retryAfter: '45' }))))
    await clock.advance(1_000)
    expect(failures).toMatchObject([{ code: 'throttled' }])
    expect(pauses).toEqual([45_000])
    await clock.advance(60_000)
    expect(pauses).toEqual([45_000])
    expect(operations.stats().pausedMs).toBe(45_000)
  })
})
