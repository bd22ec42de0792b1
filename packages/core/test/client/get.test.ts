import { isCheck, isCheckOf, latency, serverError, throttle, times, when } from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { record } from './record.ts'
import { createSimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000

describe('get', () => {
  test('makes one check, at once, of what is not known yet', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location, id } = simulator.tenant.addOperation()
    await expect(operations.get(location)).resolves.toMatchObject({
      ref: { location },
      operation: { id, status: 'inProgress' },
      revision: 1,
      checks: 1,
      checkedAt: clock.now(),
      problem: undefined,
    })
    expect(operations.stats().followed).toBe(0)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.checks).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([0, 10_000, 29_999])(
    'gives what is known of the last 30 seconds without a request: %i ms',
    async (ms) => {
      const { simulator, clock, operations } = createSimulatedClient()
      const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 1_000 } })
      const known = await operations.get(location)
      await clock.advance(ms)
      await expect(operations.get(location)).resolves.toBe(known)
      expect(known.operation.status).toBe('inProgress')
      expect(simulator.journal.counts.requests).toBe(1)
    },
  )

  test('makes another check when what is known is older', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 1_000 } })
    await operations.get(location)
    await clock.advance(HOUR_MS / 12)
    await expect(operations.get(location)).resolves.toMatchObject({
      operation: { status: 'succeeded' },
      revision: 2,
      checks: 2,
    })
    expect(simulator.journal.counts.checks).toBe(2)
  })

  test('lets that check wait for its time', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 1_000 } })
    await operations.get(location)
    await clock.advance(30_500)
    const got = operations.get(location)
    await clock.advance(3_000)
    await expect(got).resolves.toMatchObject({ operation: { status: 'succeeded' } })
    expect(simulator.journal.gapsOf(location)).toEqual([
      expect.toSatisfy((ms) => ms >= 31_000 && ms <= 33_500),
    ])
  })

  test('does not take for new what is old because the client is held back', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const [one, other] = [
      simulator.tenant.addOperation({ script: { outcome: 'stuck' } }),
      simulator.tenant.addOperation(),
    ]
    simulator.use(when(isCheckOf(other), times(1, throttle({ retryAfter: '600' }))))
    // In one batch: the next check of both is ten minutes away.
    const streams = [one, other].map(({ location }) => record(operations.watch(location)))
    await clock.advance(1_000)
    const known = streams[0]?.values[0]
    await expect(operations.get(one.location)).resolves.toBe(known)
    await clock.advance(300_000)
    await expect(operations.get(one.location)).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      problem: { code: 'throttled', message: expect.stringContaining('another 299 s') },
      lastState: known,
    })
    await clock.advance(280_000)
    // A short rest of the pause is waited for.
    const got = operations.get(one.location)
    await clock.advance(30_000)
    await expect(got).resolves.toMatchObject({ operation: { status: 'inProgress' }, checks: 2 })
  })

  test('waits for the 8 seconds after a start', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const ref = await operations.submit(archiveTeam(simulator.tenant.addTeam().id))
    const got = operations.get(ref)
    await clock.advance(20_000)
    await expect(got).resolves.toMatchObject({ checkedAt: clock.now() - 12_000 })
  })

  test('shares its check with all who ask or watch at the same time', async () => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [latency(2_000)] })
    const { location } = simulator.tenant.addOperation()
    const got = Array.from({ length: 100 }, () => operations.get(location))
    const states = record(operations.watch(location))
    await clock.advance(2_000)
    expect(new Set(await Promise.all(got))).toEqual(new Set(states.values))
    expect(simulator.journal.counts.checks).toBe(1)
  })

  test.each(['succeeded', 'failed'] as const)(
    'makes no check of what is known to have %s',
    async (outcome) => {
      const { simulator, clock, operations } = createSimulatedClient()
      const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 0, outcome } })
      const known = await operations.get(location)
      expect(known).toMatchObject({ operation: { status: outcome }, nextCheckAt: undefined })
      await clock.advance(300_000)
      await expect(operations.get(location)).resolves.toBe(known)
      expect(simulator.journal.counts.checks).toBe(1)
    },
  )

  test('leaves what others watch as it is', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const checks = record(operations.watch(location, { everyCheck: true }))
    await clock.advance(30_500)
    const got = operations.get(location)
    await clock.advance(100_000)
    await got
    expect(checks.values.map(({ checks: count }) => count)).toEqual([1, 2, 3, 4, 5])
    expect(operations.stats().followed).toBe(1)
  })
})

describe('get, when its check fails,', () => {
  test('rejects with the problem and the last state, and does not try again', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const known = await operations.get(location)
    await clock.advance(60_000)
    simulator.use(when(isCheck, serverError(503)))
    const rejected = operations.get(location).catch((error: unknown) => error)
    await clock.advance(HOUR_MS)
    const requestId = simulator.journal.requests.at(-1)?.requestId
    expect(await rejected).toMatchObject({
      name: 'CheckFailedError',
      code: 'CHECK_FAILED',
      problem: { code: 'graph-unavailable', requestId },
      requestId,
      lastState: known,
    })
    expect(simulator.journal.counts.checks).toBe(2)
    expect(clock.pendingTimers).toBe(0)
  })

  test('takes a state from before a failed check for old', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [when(isCheck, times(1, throttle({ retryAfter: '20' })))],
    })
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 0 } })
    await expect(operations.get(location)).rejects.toMatchObject({ problem: { code: 'throttled' } })
    const got = operations.get(location)
    await clock.advance(30_999)
    expect(simulator.journal.counts.checks).toBe(1)
    await clock.advance(5_000)
    await expect(got).resolves.toMatchObject({ operation: { status: 'succeeded' }, checks: 2 })
  })
})

describe('a signal', () => {
  test('that is aborted already rejects without a request', async () => {
    const { simulator, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(operations.get(location, { signal })).rejects.toThrow('enough')
    expect(simulator.journal.counts.requests).toBe(0)
  })

  test('that aborts in the same moment rejects without a request', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation()
    const controller = new AbortController()
    const got = operations.get(location, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(got).rejects.toThrow('enough')
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.requests).toBe(0)
  })

  test('that aborts while it waits rejects at once, and the check is not made', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const ref = await operations.submit(archiveTeam(simulator.tenant.addTeam().id))
    const controller = new AbortController()
    const got = operations.get(ref, { signal: controller.signal })
    await clock.advance(5_000)
    controller.abort(new Error('enough'))
    await expect(got).rejects.toThrow('enough')
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.checks).toBe(0)
  })

  test('that aborts afterwards changes nothing', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation()
    const controller = new AbortController()
    const got = await operations.get(location, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await clock.advance(1_000)
    await expect(operations.get(location)).resolves.toBe(got)
  })
})
