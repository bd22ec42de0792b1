import {
  dropConnection,
  emptyBody,
  isList,
  latency,
  malformedBody,
  neverEnding,
  refuse,
  serverError,
  throttle,
  times,
  when,
  wrongStructure,
  type Behavior,
} from '@teams-operations/simulator'
import { from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import type { OperationOwner } from '../../src/operation/operation-ref.ts'
import type { TeamsAsyncOperation } from '../../src/operation/teams-async-operation.ts'
import { record } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000

/** A client of a tenant with one team that has as many operations. */
function withOperations(
  count: number,
  simulation?: Parameters<typeof createSimulatedClient>[0],
): SimulatedClient & { readonly teamId: string; readonly ids: readonly string[] } {
  const simulated = createSimulatedClient(simulation)
  const { tenant } = simulated.simulator
  const { id: teamId } = tenant.addTeam()
  const ids = Array.from({ length: count }, () => tenant.addOperation({ teamId }).id)
  return { ...simulated, teamId, ids }
}

/** Lists to the end, and waits as long as it takes. */
async function listed(
  { operations, clock }: SimulatedClient,
  owner: OperationOwner,
): Promise<TeamsAsyncOperation[]> {
  let done = false
  const all = lastValueFrom(from(operations.list(owner)).pipe(toArray()))
  void all.then(
    () => (done = true),
    () => (done = true),
  )
  await clock.advanceUntil(() => done)
  return all
}

describe('list', () => {
  test.each([0, 1, 20, 21, 95])(
    'gives the operations of a team in their order, page by page: %i',
    async (count) => {
      const simulated = withOperations(count)
      const { simulator, teamId, ids } = simulated
      const found = await listed(simulated, { teamId })
      expect(found.map(({ id }) => id)).toEqual(ids)
      expect(simulator.journal.requests).toHaveLength(Math.max(1, Math.ceil(count / 20)))
      for (const { kind, version, headers } of simulator.journal.requests) {
        expect({ kind, version }).toEqual({ kind: 'list', version: 'v1.0' })
        expect(headers.prefer).toBe('include-unknown-enum-members')
      }
    },
  )

  test('gives the operations of a chat from beta', async () => {
    const simulated = createSimulatedClient()
    const { tenant, journal } = simulated.simulator
    const { id: chatId } = tenant.addChat()
    const { id } = tenant.addOperation({ chatId })
    await expect(listed(simulated, { chatId })).resolves.toMatchObject([{ id, operationType: 'createChat' }])
    expect(journal.requests).toMatchObject([{ kind: 'list', version: 'beta', chatId }])
  })

  test('gives operations as a check does, with all their properties', async () => {
    const simulated = withOperations(1)
    const { simulator, operations, teamId, ids } = simulated
    const [operation] = await listed(simulated, { teamId })
    const state = await operations.get({ teamId, operationId: ids[0] ?? '' })
    expect(operation).toEqual(state.operation)
    expect(operation).toHaveProperty('Value')
    expect(simulator.journal.requests.map(({ kind }) => kind)).toEqual(['list', 'check'])
  })

  test('reads a page when it is needed, and not before', async () => {
    const { simulator, operations, teamId } = withOperations(95)
    let count = 0
    for await (const operation of operations.list({ teamId })) {
      expect(operation.id).toMatch(/-/)
      count += 1
      if (count === 25) break
    }
    expect(simulator.journal.counts.requests).toBe(2)
  })

  test('sends nothing before it is iterated, and each iteration is a list of its own', async () => {
    const { simulator, clock, operations, teamId } = withOperations(1)
    operations.list({ teamId })
    await clock.advance(1_000)
    expect(simulator.journal.counts.requests).toBe(0)
  })

  test('is no check: it neither counts as one nor waits for one', async () => {
    const simulated = withOperations(3)
    const { simulator, clock, operations, teamId, ids } = simulated
    record(operations.watch({ teamId, operationId: ids[0] ?? '' }))
    await clock.advance(1_000)
    await listed(simulated, { teamId })
    expect(simulator.journal.counts.checks).toBe(1)
    expect(operations.stats()).toMatchObject({ checks: 1, requests: 1 })
  })
})

describe('a list', () => {
  test('shares the budget with the checks: no second has more reads than the share', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const teams = Array.from({ length: 60 }, () => simulator.tenant.addTeam())
    const lists = teams.map(({ id }) => lastValueFrom(from(operations.list({ teamId: id })).pipe(toArray())))
    const states = Array.from({ length: 60 }, () =>
      record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location)),
    )
    await clock.advance(12_000)
    await Promise.all(lists)
    expect(states.every(({ values }) => values.length === 1)).toBe(true)
    const reads = simulator.journal.entries.filter(({ kind }) => kind === 'list' || kind === 'check')
    expect(reads).toHaveLength(120)
    for (const { startedAt } of reads) {
      const within = reads.filter((read) => read.startedAt >= startedAt && read.startedAt < startedAt + 1_000)
      expect(within.length).toBeLessThanOrEqual(15)
    }
  })

  test.each([
    ['a team', { teamId: 'd40d729b-df60-4b57-ac8f-102595090e0a' }, 4],
    ['a chat', { chatId: '19:2f0c8b7e3d5a4f1e9b6c7d8e9f0a1b2c@thread.v2' }, 1],
  ])(
    'of %s shares what Graph grants for it with its checks, and neither starves',
    async (_, owner, perSecond) => {
      const { simulator, clock, operations } = createSimulatedClient({ pageSize: 2 })
      const added = Array.from({ length: 40 }, () =>
        simulator.tenant.addOperation({ ...owner, script: { outcome: 'stuck' } }),
      )
      const states = added.map(({ location }) => record(operations.watch(location)))
      const upperCase = Object.fromEntries(
        Object.entries(owner).map(([name, id]) => [name, id.toUpperCase()]),
      )
      const list = lastValueFrom(
        from(operations.list('teamId' in owner ? (upperCase as OperationOwner) : owner)).pipe(toArray()),
      )
      await clock.advance(85_000 / perSecond)
      await expect(list).resolves.toHaveLength(40)
      expect(states.every(({ values }) => values.length === 1)).toBe(true)
      const moments = simulator.journal.entries
        .filter(({ kind }) => kind === 'check' || kind === 'list')
        .map(({ startedAt }) => startedAt)
      for (const start of moments) {
        const within = moments.filter((at) => at >= start && at < start + 1_000)
        expect(within.length).toBeLessThanOrEqual(perSecond)
      }
    },
  )

  test('that is throttled rejects, and holds the checks back as well', async () => {
    const simulated = withOperations(1, {
      behaviors: [when(isList, times(1, throttle({ retryAfter: '45' })))],
    })
    const { simulator, clock, operations, teamId } = simulated
    await expect(listed(simulated, { teamId })).rejects.toMatchObject({
      code: 'THROTTLED',
      retryAfterMs: 45_000,
    })
    const { location } = simulator.tenant.addOperation()
    record(operations.watch(location))
    const again = lastValueFrom(from(operations.list({ teamId })).pipe(toArray()))
    await clock.advance(44_999)
    expect(simulator.journal.counts.requests).toBe(1)
    await clock.advance(1_000)
    await expect(again).resolves.toHaveLength(1)
    expect(simulator.journal.checksOf(location)[0]?.startedAt).toBeGreaterThanOrEqual(45_000)
  })

  test('that is throttled on a later page has given what came before', async () => {
    const { operations, teamId, ids } = withOperations(30, {
      behaviors: [
        when(({ target, request }) => target.kind === 'list' && request.url.search !== '', throttle()),
      ],
    })
    const found: string[] = []
    const listing = (async () => {
      for await (const { id } of operations.list({ teamId })) found.push(id)
    })()
    await expect(listing).rejects.toMatchObject({ code: 'THROTTLED' })
    expect(found).toEqual(ids.slice(0, 20))
  })

  const refusals: readonly (readonly [what: string, Behavior, expected: object])[] = [
    ['403', refuse(403, 'Forbidden', 'No.'), { code: 'ACCESS_DENIED' }],
    [
      '404',
      refuse(404, 'NotFound', 'No team.'),
      { code: 'GRAPH_REQUEST', status: 404, graphCode: 'NotFound' },
    ],
    ['500', serverError(500), { code: 'GRAPH_REQUEST', status: 500 }],
    [
      '503 with Retry-After',
      serverError(503, { retryAfter: '3' }),
      { code: 'THROTTLED', retryAfterMs: 3_000 },
    ],
    ['a connection that breaks', dropConnection(), { code: 'CONNECTION' }],
    ['an answer that never comes', neverEnding({ at: 'answer' }), { code: 'CONNECTION' }],
    ['an answer that never ends', neverEnding(), { code: 'CONNECTION' }],
    ['no body', emptyBody(), { code: 'PROTOCOL' }],
    ['half a body', malformedBody(), { code: 'PROTOCOL' }],
    ['no list', wrongStructure({ id: 'x' }), { code: 'PROTOCOL' }],
    ['a list of something else', wrongStructure({ value: [{ id: 'x' }] }), { code: 'PROTOCOL' }],
    ['a nextLink that is none', wrongStructure({ value: [], '@odata.nextLink': 7 }), { code: 'PROTOCOL' }],
  ]

  test.each(refusals)(
    'that is answered with %s rejects, and is not sent again',
    async (_, behavior, expected) => {
      const simulated = withOperations(1, { behaviors: [behavior] })
      await expect(listed(simulated, { teamId: simulated.teamId })).rejects.toMatchObject(expected)
      await simulated.clock.advance(HOUR_MS)
      expect(simulated.simulator.journal.counts.requests).toBe(1)
    },
  )

  test('whose page links back to itself ends, instead of going round for ever', async () => {
    const simulated = createSimulatedClient()
    const { simulator } = simulated
    const { id: teamId } = simulator.tenant.addTeam()
    simulator.use(async ({ request }, next) => {
      const reply = await next()
      return { ...reply, body: { json: { value: [], '@odata.nextLink': request.url.href } } }
    })
    await expect(listed(simulated, { teamId })).rejects.toMatchObject({ code: 'PROTOCOL' })
    expect(simulator.journal.counts.requests).toBe(1)
  })

  test.each([{ teamId: 'me' }, { teamId: '../x' }, { chatId: '19:x/../y' }, {}])(
    'of what is no owner is refused before anything is sent: %j',
    async (owner) => {
      const simulated = createSimulatedClient()
      await expect(listed(simulated, owner as OperationOwner)).rejects.toMatchObject({
        code: 'INVALID_LOCATION',
      })
      expect(simulated.simulator.journal.counts.requests).toBe(0)
    },
  )

  test('rejects when its signal aborts, also while an answer is on its way', async () => {
    const { simulator, clock, operations, teamId } = withOperations(30, { behaviors: [latency(5_000)] })
    const controller = new AbortController()
    const iterator = operations.list({ teamId }, { signal: controller.signal })[Symbol.asyncIterator]()
    const first = iterator.next()
    await clock.advance(1_000)
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
    await expect(iterator.next()).resolves.toMatchObject({ done: true })
    expect(simulator.journal.requests).toMatchObject([{ outcome: 'abandoned' }])
  })
})
