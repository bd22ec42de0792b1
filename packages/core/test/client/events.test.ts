import { dropConnection, isCheck, latency, refuse, throttle, times, when } from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { record } from './record.ts'
import { createSimulatedClient } from './simulated-client.ts'

describe('events', () => {
  test('tell all that happens, from the first check to the end', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [latency(250)],
      script: { notStartedMs: 20_000, inProgressMs: 120_000, outcome: 'failed' },
    })
    const { location } = simulator.tenant.addOperation()
    const events = record(operations.events(location))
    await clock.advance(40_000)
    simulator.use(when(isCheck, times(1, throttle({ retryAfter: '20' }))))
    await clock.advanceUntil(() => events.values.length === 5)
    simulator.use(when(isCheck, times(1, dropConnection())))
    await clock.advanceUntil(() => events.completed)

    expect(events.values.map(({ type }) => type)).toEqual([
      'state',
      'checked',
      'state',
      'checked',
      'throttled',
      'check-failed',
      'checked',
      'state',
      'checked',
      'settled',
    ])
    const statuses = events.values.flatMap((event) =>
      event.type === 'state' ? [event.state.operation.status] : [],
    )
    expect(statuses).toEqual(['notStarted', 'inProgress', 'failed'])
    const changed = events.values.flatMap((event) => (event.type === 'checked' ? [event.changed] : []))
    expect(changed).toEqual([true, true, false, true])
    expect(events.values[4]).toMatchObject({ retryAfterMs: 20_000, problem: { code: 'throttled' } })
    expect(events.values[5]).toMatchObject({ problem: { code: 'no-connection' } })
    expect(events.values.at(-1)).toMatchObject({
      nextCheckAt: undefined,
      state: { operation: { status: 'failed', error: { code: 'TeamUnavailable' } }, nextCheckAt: undefined },
    })
  })

  test('say when it happened and which request it was, and when the next check comes at the earliest', async () => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [latency([10, 5_000])] })
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 100_000 } })
    const epoch = clock.now()
    const events = record(operations.events(location))
    await clock.advanceUntil(() => events.completed)
    const checked = events.values.filter((event) => event.type === 'checked')
    const journal = simulator.journal.checksOf(location)
    expect(checked.map(({ at }) => at - epoch)).toEqual(journal.map(({ endedAt }) => endedAt))
    expect(checked.map(({ requestId }) => requestId)).toEqual(journal.map(({ requestId }) => requestId))
    for (const [index, { nextCheckAt, state }] of checked.entries()) {
      const next = journal[index + 1]
      expect(nextCheckAt === undefined ? undefined : nextCheckAt - epoch).toBe(next?.startedAt)
      expect(state.nextCheckAt).toBe(nextCheckAt)
      expect(state.checks).toBe(index + 1)
    }
  })

  test('begin with what is known, for who comes later', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 20_000 } })
    const states = record(operations.watch(location))
    await clock.advance(10_000)
    const events = record(operations.events(location))
    const [known] = states.values
    expect(events.values).toEqual([
      { type: 'state', at: known?.checkedAt, nextCheckAt: known?.nextCheckAt, state: known },
    ])
    await clock.advance(60_000)
    expect(events.values.map(({ type }) => type)).toEqual(['state', 'state', 'checked', 'settled'])
    const late = record(operations.events(location))
    await clock.advance(0)
    expect(late.values.map(({ type }) => type)).toEqual(['state', 'settled'])
    expect(late.completed).toBe(true)
  })

  test('end with the error that watch ends with', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [refuse(403, 'Forbidden', 'Missing role.')],
    })
    const { location } = simulator.tenant.addOperation()
    const events = record(operations.events(location))
    const states = record(operations.watch(location))
    await clock.advance(1_000)
    expect(events.values).toEqual([])
    expect(events.error).toMatchObject({ code: 'ACCESS_DENIED' })
    expect(events.error).toBe(states.error)
  })
})

describe('watch', () => {
  test('gives what is new, and with everyCheck what every check gave', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 100_000 } })
    const changes = record(operations.watch(location))
    const checks = record(operations.watch(location, { everyCheck: true }))
    await clock.advanceUntil(() => checks.completed)
    expect(changes.values.map(({ revision, checks: count }) => [revision, count])).toEqual([
      [1, 1],
      [2, 5],
    ])
    expect(checks.values.map(({ revision, checks: count }) => [revision, count])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [1, 4],
      [2, 5],
    ])
    // Nothing has changed, so it is the same object, and cheap to compare.
    expect(new Set(checks.values.slice(0, 4).map(({ operation }) => operation)).size).toBe(1)
  })

  test('counts as new whatever is new in the operation, and not only its status', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({
      script: {
        steps: [1, 2, 3].map((attemptsCount) => ({ status: 'inProgress', forMs: 35_000, attemptsCount })),
        outcome: 'stuck',
      },
    })
    const states = record(operations.watch(location))
    await clock.advance(300_000)
    expect(states.values.map(({ operation }) => operation.attemptsCount)).toEqual([1, 2, 3])
    expect(states.values.map(({ revision }) => revision)).toEqual([1, 2, 3])
  })

  test('can be subscribed to again and again: it does nothing before that', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const watched = operations.watch(location)
    await clock.advance(60_000)
    expect(simulator.journal.counts.requests).toBe(0)
    const recorded = [record(watched), record(watched)]
    await clock.advance(1_000)
    for (const { values } of recorded) expect(values).toHaveLength(1)
  })

  test('gives up at its deadline, which counts from subscribing and harms nobody else', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const patient = record(operations.watch(location))
    const watched = operations.watch(location, { deadlineMs: 40_000 })
    const first = record(watched)
    await clock.advance(20_000)
    const second = record(watched)
    await clock.advance(20_000)
    expect(first.error).toMatchObject({
      name: 'DeadlineExceededError',
      code: 'DEADLINE_EXCEEDED',
      deadlineMs: 40_000,
      answered: { inProgress: 2 },
      lastState: { operation: { status: 'inProgress' } },
    })
    expect(second.error).toBeUndefined()
    await clock.advance(20_000)
    expect(second.error).toMatchObject({ answered: { inProgress: 1 } })
    await clock.advance(60_000)
    expect(patient.error).toBeUndefined()
    expect(operations.stats().followed).toBe(1)
  })

  test('with a deadline completes as ever when the operation ends before it', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 20_000 } })
    const states = record(operations.watch(location, { deadlineMs: 1e15 }))
    await clock.advance(60_000)
    expect(states).toMatchObject({ completed: true, error: undefined })
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([0, -1, Number.NaN])('refuses a deadline of %d', (deadlineMs) => {
    const { simulator, operations } = createSimulatedClient()
    const states = record(operations.watch(simulator.tenant.addOperation().location, { deadlineMs }))
    expect(states.error).toBeInstanceOf(TypeError)
    expect(simulator.journal.counts.requests).toBe(0)
  })
})
