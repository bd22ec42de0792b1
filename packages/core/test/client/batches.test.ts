import {
  brokenItem,
  dropConnection,
  duplicateItem,
  emptyBody,
  isBatch,
  isCheckOf,
  latency,
  malformedBody,
  missingItem,
  neverEnding,
  refuse,
  serverError,
  throttle,
  times,
  when,
  wrongStructure,
  type Behavior,
  type Journal,
} from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import type { OperationEvent } from '../../src/operation/operation-event.ts'
import { record, type Recorded } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

interface Followed {
  readonly id: string
  readonly key: string
  readonly location: string
  readonly told: Recorded<OperationEvent>
}

/** Follows as many operations that never end, each of a team of its own, from the same moment on. */
function followMany(count: number, { simulator, operations }: SimulatedClient): Followed[] {
  return Array.from({ length: count }, () => {
    const { id, key, location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    return { id, key, location, told: record(operations.events(location)) }
  })
}

/** The largest number of checks that began within a second, of those that are chosen. */
function mostInASecond(journal: Journal, of: 'teamId' | 'chatId', id: string): number {
  const moments = journal.entries
    .filter((entry) => entry.kind === 'check' && entry[of] === id)
    .map(({ startedAt }) => startedAt)
  return Math.max(...moments.map((start) => moments.filter((at) => at >= start && at < start + 1_000).length))
}

describe('50 operations', () => {
  test('travel in batches of at most 20, and each gets its own state, whatever the order', async () => {
    const simulated = createSimulatedClient({}, { quotaShare: 1 })
    const { simulator, clock } = simulated
    const followed = followMany(50, simulated)
    await clock.advance(2_000)
    expect(simulator.journal.requests.map(({ kind, batchSize }) => `${kind} ${batchSize}`)).toEqual([
      'batch 20',
      'batch 10',
      'batch 20',
    ])
    for (const { id, location, told } of followed) {
      expect(told.values).toMatchObject([
        { type: 'state', state: { ref: { location }, operation: { id } } },
        { type: 'checked', state: { operation: { id } } },
      ])
    }
    await clock.advance(600_000)
    expect(Math.max(...simulator.journal.requests.map(({ batchSize }) => batchSize ?? 1))).toBe(20)
    expect(simulator.journal.counts.batches).toBeLessThan(60)
  })

  test('of one team are asked for four at a time, once a second, and all have their turn', async () => {
    const { simulator, clock, operations } = createSimulatedClient({}, { quotaShare: 1 })
    const { id: teamId } = simulator.tenant.addTeam()
    const recorded = Array.from({ length: 50 }, () =>
      record(
        operations.watch(simulator.tenant.addOperation({ teamId, script: { outcome: 'stuck' } }).location),
      ),
    )
    await clock.advance(13_500)
    expect(recorded.every(({ values }) => values.length === 1)).toBe(true)
    await clock.advance(300_000)
    expect(mostInASecond(simulator.journal, 'teamId', teamId)).toBe(4)
    const summaries = [...simulator.journal.checkSummaries()]
    expect(Math.max(...summaries.map(({ longestGapMs }) => longestGapMs ?? Infinity))).toBeLessThan(46_000)
  })

  test('of one chat are asked for one at a time, once a second, and all have their turn', async () => {
    const { simulator, clock, operations } = createSimulatedClient({}, { quotaShare: 1 })
    const { id: chatId } = simulator.tenant.addChat()
    const recorded = Array.from({ length: 50 }, () =>
      record(
        operations.watch(simulator.tenant.addOperation({ chatId, script: { outcome: 'stuck' } }).location),
      ),
    )
    await clock.advance(52_000)
    expect(recorded.every(({ values }) => values.length === 1)).toBe(true)
    await clock.advance(600_000)
    expect(mostInASecond(simulator.journal, 'chatId', chatId)).toBe(1)
    const summaries = [...simulator.journal.checkSummaries()]
    expect(Math.max(...summaries.map(({ longestGapMs }) => longestGapMs ?? Infinity))).toBeLessThan(54_000)
  })

  test('of one busy team do not hold up those of others', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    const { id: teamId } = simulator.tenant.addTeam()
    for (let index = 0; index < 50; index++) {
      record(
        operations.watch(simulator.tenant.addOperation({ teamId, script: { outcome: 'stuck' } }).location),
      )
    }
    const others = followMany(10, simulated)
    await clock.advance(2_000)
    for (const { told } of others) expect(told.values).toHaveLength(2)
  })
})

/** What can happen to one item of a batch, and what its operation is told. */
const faults: readonly (readonly [what: string, Behavior, told: object])[] = [
  ['missing', missingItem(), { type: 'check-failed', problem: { code: 'unusable-body' } }],
  ['without a status', brokenItem(), { type: 'check-failed', problem: { code: 'unusable-body' } }],
  [
    'with a status that is none',
    brokenItem((id) => ({ id, status: 'OK', body: {} })),
    { type: 'check-failed', problem: { code: 'unusable-body' } },
  ],
  ['no object', brokenItem(() => null), { type: 'check-failed', problem: { code: 'unusable-body' } }],
  [
    'answered under an id that nobody asked for',
    brokenItem(() => ({ id: '99', status: 200, headers: {}, body: {} })),
    { type: 'check-failed', problem: { code: 'unusable-body' } },
  ],
  ['without a body', emptyBody(), { type: 'check-failed', problem: { code: 'unusable-body' } }],
  ['cut off', malformedBody(), { type: 'check-failed', problem: { code: 'unusable-body' } }],
  ['something else', wrongStructure(), { type: 'check-failed', problem: { code: 'unusable-body' } }],
  ['throttled', throttle(), { type: 'throttled', retryAfterMs: 10_000, problem: { code: 'throttled' } }],
  [
    'throttled without a time',
    throttle({ retryAfter: null }),
    { type: 'throttled', retryAfterMs: undefined, problem: { code: 'throttled' } },
  ],
  ['down', serverError(503), { type: 'check-failed', problem: { code: 'graph-unavailable' } }],
  ['timed out', serverError(504), { type: 'check-failed', problem: { code: 'graph-unavailable' } }],
  [
    'a failed dependency',
    refuse(424, 'FailedDependency', 'Failed.'),
    { type: 'check-failed', problem: { code: 'graph-unavailable' } },
  ],
  [
    'not there yet',
    refuse(404, 'NotFound', 'No operation found.'),
    { type: 'check-failed', problem: { code: 'not-replicated' } },
  ],
  [
    'refused the token',
    refuse(401, 'InvalidAuthenticationToken', 'Expired.'),
    { type: 'check-failed', problem: { code: 'unauthenticated' } },
  ],
]

describe('in a batch of 15, an item that is', () => {
  test.each(faults)('%s has its own problem, and the others are not harmed', async (_, fault, problem) => {
    // The first of them, one in the middle and the last.
    for (const turn of [0, 6, 14]) {
      const simulated = createSimulatedClient()
      const { simulator, clock } = simulated
      const followed = followMany(15, simulated)
      const [faulty] = followed.splice(turn, 1)
      simulator.use(when(isCheckOf(faulty?.key ?? ''), times(1, fault)))
      await clock.advance(1_000)
      expect(simulator.journal.requests).toMatchObject([{ kind: 'batch', batchSize: 15 }])
      expect(faulty?.told.values).toMatchObject([problem])
      for (const { told } of followed)
        expect(told.values).toMatchObject([{ type: 'state' }, { type: 'checked' }])
      await clock.advance(60_000)
      expect(faulty?.told.values.at(-1)).toMatchObject({ type: 'checked', state: { problem: undefined } })
      for (const { told } of followed) {
        expect(told.values.slice(2)).toEqual([expect.objectContaining({ type: 'checked', changed: false })])
      }
    }
  })

  test('faulty in any of these ways harms none of the others, all at once and 50 of them', async () => {
    const simulated = createSimulatedClient({}, { quotaShare: 1 })
    const { simulator, clock } = simulated
    const followed = followMany(50, simulated)
    const faulty = new Map(faults.map(([, fault, problem], index) => [index * 3, { fault, problem }]))
    for (const [index, { key }] of followed.entries()) {
      const fault = faulty.get(index)?.fault
      if (fault) simulator.use(when(isCheckOf(key), times(1, fault)))
    }
    await clock.advance(25_000)
    expect(faulty.size).toBe(15)
    for (const [index, { told }] of followed.entries()) {
      const problem = faulty.get(index)?.problem
      expect(told.values).toMatchObject(problem ? [problem] : [{ type: 'state' }, { type: 'checked' }])
    }
    await clock.advance(120_000)
    for (const { told } of followed) {
      expect(told.values.at(-1)).toMatchObject({ type: 'checked', state: { problem: undefined } })
    }
  })

  test.each([
    ['refused', refuse(403, 'Forbidden', 'No.'), 'ACCESS_DENIED'],
    ['gone', refuse(410, 'Gone', 'Gone.'), 'OPERATION_LOST'],
    ['wrong', refuse(400, 'BadRequest', 'Bad.'), 'GRAPH_REQUEST'],
  ])('%s ends its own stream, and the others go on', async (_, fault, code) => {
    const simulated = createSimulatedClient()
    const { simulator, clock } = simulated
    const followed = followMany(15, simulated)
    await clock.advance(1_000)
    const [first, ...others] = followed
    simulator.use(when(isCheckOf(first?.key ?? ''), fault))
    await clock.advance(100_000)
    expect(first?.told.error).toMatchObject({ code, lastState: { operation: { id: first?.id } } })
    for (const { told } of others) {
      expect(told.error).toBeUndefined()
      expect(told.values.filter(({ type }) => type === 'checked').length).toBeGreaterThan(3)
    }
    expect(simulator.journal.checksOf(first?.key ?? '')).toHaveLength(2)
  })

  test('answered twice counts once', async () => {
    const simulated = createSimulatedClient({ behaviors: [duplicateItem()] })
    const followed = followMany(15, simulated)
    await simulated.clock.advance(1_000)
    for (const { id, told } of followed) {
      expect(told.values).toMatchObject([
        { type: 'state', state: { operation: { id } } },
        { type: 'checked' },
      ])
    }
    expect(simulated.operations.stats().outcomes.found).toBe(15)
  })

  test('throttled holds all of them back, and every other request as well', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    const followed = followMany(15, simulated)
    simulator.use(when(isCheckOf(followed[7]?.key ?? ''), times(1, throttle({ retryAfter: '45' }))))
    await clock.advance(1)
    const other = simulator.tenant.addOperation()
    record(operations.watch(other.location))
    const target = operations.readTarget(`/teams('${other.identity.ownerId}')`)
    await clock.advance(44_900)
    expect(simulator.journal.requests).toHaveLength(1)
    await clock.advance(10_000)
    await expect(target).resolves.toMatchObject({ usable: expect.any(Boolean) })
    expect(simulator.journal.requests[1]?.startedAt).toBe(45_000)
  })
})

describe('a batch as a whole', () => {
  test.each([
    ['throttled', throttle(), 'throttled'],
    ['down', serverError(503), 'graph-unavailable'],
    ['refused as 424', refuse(424, 'FailedDependency', 'Failed.'), 'graph-unavailable'],
    ['broken off', dropConnection(), 'no-connection'],
    ['broken off half way', dropConnection({ at: 'body' }), 'no-connection'],
    ['without an answer', neverEnding({ at: 'answer' }), 'no-answer'],
    ['without an end', neverEnding(), 'no-answer'],
    ['without a body', emptyBody(), 'unusable-body'],
    ['cut off', malformedBody(), 'unusable-body'],
    ['without responses', wrongStructure({}), 'unusable-body'],
    ['an operation instead', wrongStructure({ responses: { id: '1' } }), 'unusable-body'],
  ])('that is %s is a problem of each, and survived', async (_, fault, code) => {
    const simulated = createSimulatedClient()
    const { simulator, clock } = simulated
    const followed = followMany(15, simulated)
    await clock.advance(1_000)
    const remove = simulator.use(when(isBatch, times(1, fault)))
    await clock.advanceUntil(() => followed.every(({ told }) => told.values.length === 3))
    remove()
    for (const { told } of followed) expect(told.values[2]).toMatchObject({ problem: { code } })
    await clock.advance(120_000)
    for (const { told } of followed) {
      expect(told.error).toBeUndefined()
      expect(told.values.at(-1)).toMatchObject({ type: 'checked', state: { problem: undefined } })
    }
  })

  test.each([
    ['down', serverError(500)],
    ['broken off', dropConnection()],
  ])('that is %s holds everybody back for a moment, and longer every time', async (_, fault) => {
    const simulated = createSimulatedClient({ behaviors: [times(5, fault)] })
    const { simulator, clock } = simulated
    followMany(2, simulated)
    await clock.advanceUntil(() => simulator.journal.requests[0]?.endedAt !== undefined)
    for (let attempt = 1; attempt < 5; attempt++) {
      followMany(1, simulated)
      await clock.advanceUntil(() => simulator.journal.requests[attempt]?.endedAt !== undefined)
    }
    const requests = simulator.journal.requests.slice(0, 5)
    const pauses = requests
      .slice(1)
      .map(({ startedAt }, index) => startedAt - (requests[index]?.endedAt ?? 0))
    for (const [index, pauseMs] of pauses.entries()) {
      expect(pauseMs).toBeGreaterThanOrEqual(1_010)
      expect(pauseMs).toBeLessThanOrEqual(1_010 + 2_000 * 2 ** index)
    }
    expect(Math.max(...pauses)).toBeGreaterThan(3_010)
  })

  test('that has one answer to use holds nobody back', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock } = simulated
    const [, ...others] = followMany(5, simulated)
    for (const { key } of others) simulator.use(when(isCheckOf(key), times(1, serverError(500))))
    await clock.advance(1)
    const [newcomer] = followMany(1, simulated)
    await clock.advance(1)
    expect(newcomer?.told.values).toHaveLength(2)
  })

  test('counts its 30 seconds from the end of its answer, for each operation in it', async () => {
    const simulated = createSimulatedClient({ behaviors: [when(isBatch, latency([1_000, 20_000]))] })
    const followed = followMany(15, simulated)
    await simulated.clock.advance(600_000)
    for (const { key } of followed) {
      const gaps = simulated.simulator.journal.gapsOf(key)
      expect(gaps.length).toBeGreaterThan(8)
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(31_000)
    }
  })
})
