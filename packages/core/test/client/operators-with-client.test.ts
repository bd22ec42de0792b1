import { isCheckOf, refuse, throttle, times, when } from '@teams-operations/simulator'
import { EMPTY, catchError, firstValueFrom, from, lastValueFrom, map, mergeMap, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { createChat } from '../../src/graph/start/create-chat.ts'
import { conversationMember } from '../../src/graph/start/conversation-member.ts'
import { createTeam } from '../../src/graph/start/create-team.ts'
import { createChannel } from '../../src/graph/start/create-channel.ts'
import { resultOf } from '../../src/operators/result-of.ts'
import { summarize } from '../../src/operators/summarize.ts'
import { whenStatus } from '../../src/operators/when-status.ts'
import { whenUsable } from '../../src/operators/when-usable.ts'
import { withDeadline } from '../../src/operators/with-deadline.ts'
import { record } from './record.ts'
import { createSimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000

describe('resultOf', () => {
  test('gives the operation when it has succeeded', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { id } = simulator.tenant.addTeam()
    const ref = await operations.submit(archiveTeam(id))
    const result = firstValueFrom(operations.watch(ref).pipe(resultOf()))
    await clock.advance(60_000)
    await expect(result).resolves.toMatchObject({
      id: ref.operationId,
      status: 'succeeded',
      targetResourceId: id,
    })
  })

  test('errors with the reason when it has failed', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const error = { code: 'TeamUnavailable', message: 'The team was not found.' }
    const { location } = simulator.tenant.addOperation({
      script: { inProgressMs: 20_000, outcome: 'failed', error },
    })
    const result = record(operations.watch(location).pipe(resultOf()))
    await clock.advance(60_000)
    expect(result.values).toEqual([])
    expect(result.error).toMatchObject({
      code: 'OPERATION_FAILED',
      reason: error,
      operation: { status: 'failed' },
      lastState: { revision: 2 },
    })
  })

  test('errors when the client is disposed of before the end', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const result = record(operations.watch(location).pipe(resultOf()))
    await clock.advance(60_000)
    await operations[Symbol.asyncDispose]()
    expect(result.error).toMatchObject({
      code: 'OPERATION_UNFINISHED',
      lastState: { operation: { status: 'inProgress' } },
    })
  })

  test('passes on why the operation cannot be followed', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({
      script: { outcome: 'stuck', purgeAfterMs: 150_000 },
    })
    const result = record(operations.watch(location).pipe(resultOf()))
    await clock.advance(200_000)
    expect(result.error).toMatchObject({ code: 'OPERATION_LOST' })
  })
})

describe('whenStatus', () => {
  test('completes, and the polling with it, when the status is there', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({
      script: { notStartedMs: 20_000, inProgressMs: HOUR_MS },
    })
    const seen = record(operations.watch(location).pipe(whenStatus('inProgress', 'succeeded', 'failed')))
    await clock.advance(HOUR_MS)
    expect(seen.values).toMatchObject([{ operation: { status: 'inProgress' } }])
    expect(seen.completed).toBe(true)
    expect(simulator.journal.counts.checks).toBe(2)
  })
})

describe('withDeadline', () => {
  test('gives up with what this subscriber has seen', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({
      script: { notStartedMs: 40_000, outcome: 'stuck' },
    })
    const states = record(
      operations.watch(location, { everyCheck: true }).pipe(withDeadline({ deadlineMs: 100_000, clock })),
    )
    await clock.advance(100_000)
    expect(states.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      answered: { notStarted: 2, inProgress: 2 },
      lastState: { operation: { status: 'inProgress' } },
    })
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('whenUsable with readTarget', () => {
  test.each([
    ['a team', () => createTeam({ displayName: 'Rocket' })],
    [
      'a chat',
      () =>
        createChat({
          chatType: 'group',
          members: ['ada', 'grace'].map((name) => conversationMember(`${name}@contoso.example`)),
          installedApps: [{ 'teamsApp@odata.bind': "/appCatalogs/teamsApps('0f5f2f9d')" }],
        }),
    ],
    ['a channel', (teamId: string) => createChannel(teamId, { displayName: 'Partners' })],
  ])('waits until %s can be read, and reads it every ten seconds', async (_, build) => {
    const { simulator, clock, operations } = createSimulatedClient()
    simulator.tenant.script({ inProgressMs: 5_000, targetDelayMs: 25_000 })
    const ref = await operations.submit(build(simulator.tenant.addTeam().id))
    const [started] = simulator.tenant.operations()
    const usable = record(
      operations.watch(ref).pipe(resultOf(), whenUsable({ read: operations.readTarget, clock })),
    )
    await clock.advanceUntil(() => usable.completed)
    expect(usable.values).toMatchObject([{ status: 'succeeded', id: ref.operationId }])
    expect(started?.isTargetUsable).toBe(true)
    const reads = simulator.journal.requests.filter(({ kind }) => kind === 'read')
    expect(reads.map(({ status }) => status)).toEqual([404, 404, 404, 200])
    const gaps = reads.slice(1).map(({ startedAt }, index) => startedAt - (reads[index]?.startedAt ?? 0))
    expect(gaps).toEqual([10_000, 10_000, 10_000])
    expect(clock.pendingTimers).toBe(0)
  })

  test('gives up after it was read five times', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    simulator.tenant.script({ targetDelayMs: 24 * HOUR_MS })
    const ref = await operations.submit(createTeam({ displayName: 'Rocket' }))
    const usable = record(
      operations.watch(ref).pipe(resultOf(), whenUsable({ read: operations.readTarget, clock })),
    )
    await clock.advance(HOUR_MS)
    expect(usable.error).toMatchObject({ code: 'TARGET_NOT_USABLE', reads: 5 })
  })

  test('passes on that the target may not be read, and does not read it again', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [when(({ target }) => target.kind === 'read', refuse(403, 'Forbidden', 'Missing role.'))],
    })
    const ref = await operations.submit(createTeam({ displayName: 'Rocket' }))
    const usable = record(
      operations.watch(ref).pipe(resultOf(), whenUsable({ read: operations.readTarget, clock })),
    )
    await clock.advance(HOUR_MS)
    expect(usable.error).toMatchObject({
      code: 'ACCESS_DENIED',
      requestId: simulator.journal.requests.at(-1)?.requestId,
    })
    expect(simulator.journal.requests.filter(({ kind }) => kind === 'read')).toHaveLength(1)
  })

  test('waits as long as Graph asks to', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [when(({ target }) => target.kind === 'read', times(1, throttle({ retryAfter: '75' })))],
    })
    const ref = await operations.submit(createTeam({ displayName: 'Rocket' }))
    const usable = record(
      operations.watch(ref).pipe(resultOf(), whenUsable({ read: operations.readTarget, clock })),
    )
    await clock.advanceUntil(() => usable.completed)
    const [first, second] = simulator.journal.requests.filter(({ kind }) => kind === 'read')
    expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBe(75_000)
  })

  test('stops when it is unsubscribed', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    simulator.tenant.script({ targetDelayMs: HOUR_MS })
    const ref = await operations.submit(createTeam({ displayName: 'Rocket' }))
    const usable = record(
      operations.watch(ref).pipe(resultOf(), whenUsable({ read: operations.readTarget, clock })),
    )
    await clock.advanceUntil(() => simulator.journal.requests.some(({ kind }) => kind === 'read'))
    usable.subscription.unsubscribe()
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('summarize', () => {
  test('counts many operations until all have ended, those included that cannot be followed', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const outcomes = ['succeeded', 'failed', 'succeeded'] as const
    const locations = Array.from({ length: 30 }, (_, index) => {
      const outcome = outcomes[index % 3]
      return simulator.tenant.addOperation({ script: { outcome, inProgressMs: index * 2_000 } }).location
    })
    const [lost] = locations
    simulator.use(when(isCheckOf(lost ?? ''), refuse(410, 'Gone', '')))
    const summaries = record(
      from(locations).pipe(
        map((location) => operations.watch(location)),
        summarize(),
      ),
    )
    expect(summaries.values.at(-1)).toMatchObject({ total: 30, waiting: 30, settled: 0 })
    await clock.advance(HOUR_MS)
    expect(summaries.completed).toBe(true)
    expect(summaries.values.at(-1)).toMatchObject({
      total: 30,
      waiting: 0,
      byStatus: { inProgress: 0, succeeded: 19, failed: 10 },
      settled: 29,
      failedToFollow: 1,
      lastError: { code: 'OPERATION_LOST' },
    })
    for (const { total, waiting, byStatus, failedToFollow } of summaries.values) {
      const counted = Object.values(byStatus).reduce((sum, count) => sum + count, 0)
      expect(waiting + counted + failedToFollow).toBe(total)
    }
  })

  test('follows no more at a time than it is told to', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const locations = Array.from({ length: 20 }, () => simulator.tenant.addOperation().location)
    const summaries = record(
      from(locations).pipe(
        map((location) => operations.watch(location)),
        summarize({ concurrency: 5 }),
      ),
    )
    let most = 0
    while (!summaries.completed) {
      await clock.advance(500)
      most = Math.max(most, operations.stats().followed)
    }
    expect(most).toBe(5)
    expect(summaries.values.at(-1)).toMatchObject({ settled: 20, waiting: 0 })
  })
})

test('twenty teams are archived, at most five at a time, and what fails stops nothing', async () => {
  const { simulator, clock, operations } = createSimulatedClient()
  simulator.tenant.script({ outcome: 'failed' }, { times: 3 })
  const teams = Array.from({ length: 20 }, () => simulator.tenant.addTeam().id)
  const failed: unknown[] = []
  let most = 0
  const archived = lastValueFrom(
    from(teams).pipe(
      mergeMap(
        (id) =>
          from(operations.submit(archiveTeam(id))).pipe(
            mergeMap((ref) => operations.watch(ref)),
            resultOf(),
            catchError((error: unknown) => {
              failed.push(error)
              return EMPTY
            }),
          ),
        5,
      ),
      map(({ targetResourceId }) => targetResourceId),
      toArray(),
    ),
  )
  const archivedTeams = record(from(archived))
  while (!archivedTeams.completed) {
    await clock.advance(1_000)
    most = Math.max(most, operations.stats().followed)
  }
  expect(new Set(archivedTeams.values[0])).toEqual(new Set(teams.slice(3)))
  expect(failed).toMatchObject([
    { code: 'OPERATION_FAILED' },
    { code: 'OPERATION_FAILED' },
    { code: 'OPERATION_FAILED' },
  ])
  expect(most).toBe(5)
  expect(simulator.journal.requests.filter(({ kind }) => kind === 'start')).toHaveLength(20)
})
