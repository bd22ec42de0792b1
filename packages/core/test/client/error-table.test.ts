import {
  dropConnection,
  emptyBody,
  isCheck,
  lateReplication,
  malformedBody,
  neverEnding,
  purge,
  redirectTo,
  refuse,
  serverError,
  throttle,
  times,
  when,
  wrongStructure,
  type Behavior,
} from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { OperationsError } from '../../src/operation/operations-error.ts'
import { record } from './record.ts'
import { createSimulatedClient } from './simulated-client.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

const whole = {
  id: 'x',
  operationType: 'archiveTeam',
  createdDateTime: '2026-01-01T00:00:00Z',
  status: 'succeeded',
  lastActionDateTime: '2026-01-01T00:00:00Z',
  attemptsCount: 1,
}

const survived: readonly (readonly [what: string, code: string, behavior: Behavior])[] = [
  ['429', 'throttled', throttle()],
  ['429 without Retry-After', 'throttled', throttle({ retryAfter: null })],
  ['509', 'throttled', serverError(509)],
  ['509 with Retry-After', 'throttled', serverError(509, { retryAfter: '20' })],
  ['503 with Retry-After', 'throttled', serverError(503, { retryAfter: '20' })],
  ['503', 'graph-unavailable', serverError(503)],
  ['503 with a useless Retry-After', 'graph-unavailable', serverError(503, { retryAfter: '0' })],
  ['408', 'graph-unavailable', serverError(408)],
  ['423', 'graph-unavailable', refuse(423, 'Locked', 'Locked.')],
  ['424', 'graph-unavailable', refuse(424, 'FailedDependency', 'Failed.')],
  ['500', 'graph-unavailable', serverError(500)],
  ['502', 'graph-unavailable', serverError(502)],
  ['504', 'graph-unavailable', serverError(504)],
  ['507', 'graph-unavailable', refuse(507, 'InsufficientStorage', 'Full.')],
  ['599', 'graph-unavailable', refuse(599, 'Unknown', 'Odd.')],
  ['a redirect', 'graph-unavailable', redirectTo('https://elsewhere.example')],
  ['304', 'graph-unavailable', () => ({ status: 304, headers: {}, body: undefined })],
  ['a connection that is refused', 'no-connection', dropConnection()],
  ['a connection that breaks before the answer', 'no-connection', dropConnection({ at: 'answer' })],
  ['a connection that breaks in the answer', 'no-connection', dropConnection({ at: 'body' })],
  ['an answer that never comes', 'no-answer', neverEnding({ at: 'answer' })],
  ['an answer that never ends', 'no-answer', neverEnding()],
  ['200 with no body', 'unusable-body', emptyBody()],
  ['200 with half a body', 'unusable-body', malformedBody()],
  ['200 with HTML', 'unusable-body', malformedBody('<html></html>')],
  ['200 with null', 'unusable-body', malformedBody('null')],
  ['200 with a list', 'unusable-body', wrongStructure()],
  ['200 with an array', 'unusable-body', wrongStructure([whole])],
  ['200 without an id', 'unusable-body', wrongStructure({ ...whole, id: undefined })],
  ['200 without a status', 'unusable-body', wrongStructure({ ...whole, status: undefined })],
  ['200 with an empty status', 'unusable-body', wrongStructure({ ...whole, status: '' })],
  ['200 with a number for a status', 'unusable-body', wrongStructure({ ...whole, status: 3 })],
  ['204', 'unusable-body', () => ({ status: 204, headers: {}, body: undefined })],
]

const noneGivenUp = { lost: 0, 'access-denied': 0, refused: 0 }

describe('a check that failed says nothing about the operation, and is survived:', () => {
  test.each(survived)('%s is the problem %s', async (_, code, behavior) => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 3 * MINUTE_MS } })
    const events = record(operations.events(location))
    const changes = record(operations.watch(location))
    const checks = record(operations.watch(location, { everyCheck: true }))
    await clock.advance(1_000)
    simulator.use(when(isCheck, times(2, behavior)))
    const problems = (): object[] =>
      events.values.flatMap((event) => ('problem' in event ? [event.problem] : []))
    await clock.advanceUntil(() => problems().length === 2)

    const [, { at: sinceAt } = { at: undefined }] = events.values.slice(1)
    const failures = events.values.slice(2)
    const type = code === 'throttled' ? 'throttled' : 'check-failed'
    expect(failures).toMatchObject([{ type }, { type }])
    expect(problems()).toMatchObject([
      { code, sinceAt, message: expect.stringMatching(/\S/) },
      { code, sinceAt, message: expect.stringMatching(/\S/) },
    ])
    const [first] = changes.values
    expect(changes.values).toHaveLength(1)
    expect(checks.values).toMatchObject([
      { checks: 1, problem: undefined },
      { checks: 2, revision: 1, checkedAt: first?.checkedAt, problem: { code } },
      { checks: 3, revision: 1, checkedAt: first?.checkedAt, problem: { code } },
    ])
    expect(checks.values[2]?.operation).toBe(first?.operation)

    await clock.advanceUntil(() => changes.completed)
    expect(changes.values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
    expect(changes.values[1]).toMatchObject({ revision: 2, problem: undefined })
    const [summary] = simulator.journal.checkSummaries()
    expect(summary?.shortestGapMs).toBeGreaterThanOrEqual(31_000)
    expect(operations.stats().outcomes).toMatchObject({ [code]: 2, ...noneGivenUp })
  })

  test.each(survived)('%s is no reason to end a stream that has no state yet', async (_, code, behavior) => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [when(isCheck, times(2, behavior))],
    })
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 0 } })
    const states = record(operations.watch(location, { everyCheck: true }))
    const events = record(operations.events(location))
    await clock.advanceUntil(() => states.completed)
    expect(states.values).toMatchObject([{ checks: 3, revision: 1, problem: undefined }])
    expect(events.values.slice(0, 2)).toMatchObject([{ problem: { code } }, { problem: { code } }])
  })

  test('an outage of a day is survived, and ends with the state that there is then', async () => {
    const { simulator, clock, operations } = createSimulatedClient({ journal: { keep: 'violations' } })
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: HOUR_MS } })
    const states = record(operations.watch(location))
    await clock.advance(1_000)
    const end = simulator.use(serverError(503))
    await clock.advance(24 * HOUR_MS)
    expect(states.values).toHaveLength(1)
    // Asked less and less often, but at least every five minutes and a half.
    expect(simulator.journal.counts.checks).toBeGreaterThan((24 * 60) / 6)
    expect(simulator.journal.counts.checks).toBeLessThan((24 * 60) / 2)
    end()
    await clock.advance(7 * MINUTE_MS)
    expect(states.values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
    expect(states.completed).toBe(true)
  })

  test('unless there is a deadline, whose error counts what was answered', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const states = record(operations.watch(location, { deadlineMs: 10 * MINUTE_MS }))
    await clock.advance(MINUTE_MS)
    const restore = simulator.use(when(isCheck, serverError(502)))
    await clock.advance(4 * MINUTE_MS)
    restore()
    simulator.use(when(isCheck, throttle()))
    await clock.advance(5 * MINUTE_MS - 1)
    expect(states.error).toBeUndefined()
    await clock.advance(1)
    const { outcomes } = operations.stats()
    expect(outcomes['graph-unavailable']).toBeGreaterThan(1)
    expect(states.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      answered: {
        inProgress: outcomes.found,
        'graph-unavailable': outcomes['graph-unavailable'],
        throttled: outcomes.throttled,
      },
      lastState: { operation: { status: 'inProgress' } },
    })
    expect(clock.pendingTimers).toBe(0)
  })
})

const final: readonly (readonly [status: number, name: string, code: string, more: object])[] = [
  [403, 'AccessDeniedError', 'ACCESS_DENIED', {}],
  [410, 'OperationLostError', 'OPERATION_LOST', {}],
  [400, 'GraphRequestError', 'GRAPH_REQUEST', { status: 400, graphCode: 'Reason' }],
  [402, 'GraphRequestError', 'GRAPH_REQUEST', { status: 402 }],
  [405, 'GraphRequestError', 'GRAPH_REQUEST', { status: 405 }],
  [409, 'GraphRequestError', 'GRAPH_REQUEST', { status: 409 }],
  [413, 'GraphRequestError', 'GRAPH_REQUEST', { status: 413 }],
  [422, 'GraphRequestError', 'GRAPH_REQUEST', { status: 422 }],
  [451, 'GraphRequestError', 'GRAPH_REQUEST', { status: 451 }],
]

/** Under which it is counted. */
const outcomeOf = (status: number): string => ({ 403: 'access-denied', 410: 'lost' })[status] ?? 'refused'

describe('an operation that cannot be followed errors its streams, with the last state:', () => {
  test.each(final)('%i is %s', async (status, name, code, more) => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const streams = [record(operations.watch(location)), record(operations.events(location))]
    await clock.advance(1_000)
    simulator.use(when(isCheck, refuse(status, 'Reason', 'What Graph says.')))
    await clock.advance(40_000)
    const [, refused] = simulator.journal.checksOf(location)
    for (const { error } of streams) {
      expect(error).toBeInstanceOf(OperationsError)
      expect(error).toMatchObject({
        name,
        code,
        ...more,
        message: expect.stringContaining('What Graph says.'),
        requestId: refused?.requestId,
        lastState: { ref: { location }, operation: { status: 'inProgress' } },
      })
    }
    expect(operations.stats()).toMatchObject({ followed: 0, outcomes: { found: 1, [outcomeOf(status)]: 1 } })
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.checks).toBe(2)
  })

  test.each(final)('%i rejects what get waits for', async (status, _, code) => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [refuse(status, 'Reason', 'What Graph says.')],
    })
    const { location } = simulator.tenant.addOperation()
    const got = expect(operations.get(location)).rejects.toMatchObject({ code, lastState: undefined })
    await clock.advance(1_000)
    await got
  })

  test('who asks again gets the answer of another check, when it is time for it', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [when(isCheck, times(1, refuse(403, 'Forbidden', 'Not yet a member.')))],
    })
    const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 0 } })
    const first = record(operations.watch(location))
    await clock.advance(1_000)
    expect(first.error).toMatchObject({ code: 'ACCESS_DENIED' })
    const second = record(operations.watch(location))
    await clock.advance(40_000)
    expect(second.values).toMatchObject([{ operation: { status: 'succeeded' } }])
    expect(simulator.journal.gapsOf(location)).toEqual([expect.toSatisfy((gap) => gap >= 31_000)])
  })
})

describe('404', () => {
  test('within two minutes of the start is a problem of replication, and survived', async () => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [lateReplication(100_000)] })
    const { id } = simulator.tenant.addTeam()
    const ref = await operations.submit(archiveTeam(id))
    const events = record(operations.events(ref))
    await clock.advance(150_000)
    const told = events.values.map((event) => ('problem' in event ? event.problem.code : event.type))
    expect(told).toEqual([
      'not-replicated',
      'not-replicated',
      'not-replicated',
      'state',
      'checked',
      'settled',
    ])
    expect(events.completed).toBe(true)
  })

  test('counts from the first time that somebody asked, where the start is not known', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { id: teamId } = simulator.tenant.addTeam()
    const location = `/teams('${teamId}')/operations('6aba218b-509e-42e2-b8fe-1a3dbc8a7cd0')`
    const events = record(operations.events(location))
    await clock.advance(120_000)
    expect(events.values.length).toBeGreaterThanOrEqual(3)
    expect(events.error).toBeUndefined()
    await clock.advance(40_000)
    expect(events.error).toMatchObject({
      name: 'OperationLostError',
      code: 'OPERATION_LOST',
      lastState: undefined,
    })
  })

  test.each([404, 410] as const)('later is the loss of the operation, as is 410: %i', async (status) => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [purge({ afterMs: 5 * MINUTE_MS, status })],
    })
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const states = record(operations.watch(location))
    await clock.advance(5 * MINUTE_MS)
    expect(states.error).toBeUndefined()
    await clock.advance(MINUTE_MS)
    expect(states.error).toMatchObject({
      name: 'OperationLostError',
      code: 'OPERATION_LOST',
      requestId: simulator.journal.checksOf(location).at(-1)?.requestId,
      lastState: { operation: { status: 'inProgress' } },
    })
  })
})

describe('a status', () => {
  test.each(['invalid', 'unknownFutureValue', 'somethingNew', '__proto__', 'Succeeded'])(
    'of %s is a state like any other, and not the last',
    async (status) => {
      const { simulator, clock, operations } = createSimulatedClient()
      const { location } = simulator.tenant.addOperation({ script: { steps: [{ status, forMs: 20_000 }] } })
      const states = record(operations.watch(location))
      const events = record(operations.events(location))
      await clock.advance(1_000)
      expect(states.values).toMatchObject([{ operation: { status }, nextCheckAt: expect.any(Number) }])
      expect(states.completed).toBe(false)
      await clock.advance(40_000)
      expect(states.values[1]).toMatchObject({ revision: 2, operation: { status: 'succeeded' } })
      expect(states.completed).toBe(true)
      expect(events.values.map(({ type }) => type)).toEqual([
        'state',
        'checked',
        'state',
        'checked',
        'settled',
      ])
    },
  )

  test.each([null, { code: 'TeamUnavailable', message: 'The team was not found.' }])(
    'of failed is a state as well, with the error of the operation: %j',
    async (error) => {
      const { simulator, clock, operations } = createSimulatedClient()
      const { location } = simulator.tenant.addOperation({
        script: { inProgressMs: 0, outcome: 'failed', error },
      })
      const states = record(operations.watch(location))
      await clock.advance(1_000)
      expect(states.values).toMatchObject([{ operation: { status: 'failed', error } }])
      expect(states).toMatchObject({ completed: true, error: undefined })
    },
  )
})
