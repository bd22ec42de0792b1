import {
  acceptedAs,
  compose,
  isBatch,
  isCheck,
  isItem,
  isList,
  isStart,
  malformedBody,
  redirectTo,
  refuse,
  serverError,
  throttle,
  when,
  type Behavior,
  type Simulator,
} from '@teams-operations/simulator'
import { firstValueFrom, from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import type { OperationsClient } from '../../src/client.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { createChat } from '../../src/graph/start/create-chat.ts'
import { conversationMember } from '../../src/graph/start/conversation-member.ts'
import type { OperationEvent } from '../../src/operation/operation-event.ts'
import { OperationsError } from '../../src/operation/operations-error.ts'
import { record, type Recorded } from './record.ts'
import { createSimulatedClient } from './simulated-client.ts'

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** One of each kind of request that the client sends, for teams and for chats. */
async function sendEverything(): Promise<ReturnType<typeof createSimulatedClient>> {
  const simulated = createSimulatedClient()
  const { simulator, clock, operations } = simulated
  const { tenant } = simulator
  const chat = tenant.addChat()
  const team = tenant.addTeam()
  const newChat = createChat({
    chatType: 'group',
    members: ['ada', 'grace', 'joan'].map((name) => conversationMember(`${name}@contoso.example`)),
    installedApps: [{ 'teamsApp@odata.bind': "/appCatalogs/teamsApps('0f5f2f9d')" }],
  })
  record(operations.watch(await operations.submit(archiveTeam(team.id))))
  record(operations.watch(await operations.submit(newChat)))
  // These travel together.
  for (let index = 0; index < 3; index++) {
    record(operations.watch(tenant.addOperation({ script: { outcome: 'stuck' } }).location))
    const ofChat = tenant.addOperation({ chatId: tenant.addChat().id, script: { outcome: 'stuck' } })
    record(operations.watch(ofChat.location))
  }
  const lists = [operations.list({ teamId: team.id }), operations.list({ chatId: chat.id })].map((list) =>
    lastValueFrom(from(list).pipe(toArray())),
  )
  const targets = [`/teams('${team.id}')`, `${simulator.origin}/v1.0/teams/${team.id}`].map((location) =>
    operations.readTarget(location),
  )
  await clock.advance(120_000)
  await Promise.all([...lists, ...targets])
  return simulated
}

describe('every request', () => {
  test('goes to v1.0 for a team and to beta for a chat', async () => {
    const { simulator } = await sendEverything()
    const { entries } = simulator.journal
    const kinds = new Set(entries.map(({ kind, version }) => `${kind} ${version}`))
    for (const kind of ['start', 'check', 'batch', 'list']) {
      expect(kinds).toContain(`${kind} v1.0`)
      expect(kinds).toContain(`${kind} beta`)
    }
    for (const { teamId, chatId, version } of entries) {
      if (teamId !== undefined) expect(version).toBe('v1.0')
      if (chatId !== undefined) expect(version).toBe('beta')
    }
    expect(entries.every(({ status }) => status !== undefined && status < 300)).toBe(true)
  })

  test('that reads asks for the members of enumerations that are newer, each item of a batch as well', async () => {
    const { simulator } = await sendEverything()
    const reads = simulator.journal.entries.filter(({ kind }) => kind !== 'start')
    expect(reads.some(({ item }) => item)).toBe(true)
    for (const { headers } of reads) expect(headers.prefer).toBe('include-unknown-enum-members')
  })

  test('so that nothing comes back as unknownFutureValue', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const types = ['createChannel', 'archiveChannel', 'unarchiveChannel', 'teamifyGroup', 'createChat']
    const recorded = types.map((operationType) =>
      record(operations.watch(simulator.tenant.addOperation({ operationType }).location)),
    )
    await clock.advance(60_000)
    expect(recorded.map(({ values }) => values.at(-1)?.operation.operationType)).toEqual(types)
  })

  test('has a client-request-id of its own, each item of a batch as well', async () => {
    const { simulator } = await sendEverything()
    const ids = simulator.journal.entries.map(({ headers }) => headers['client-request-id'])
    expect(ids.length).toBeGreaterThan(20)
    for (const id of ids) expect(id).toMatch(guid)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('carries the token, and no item of a batch does', async () => {
    const { simulator } = await sendEverything()
    for (const { headers, item } of simulator.journal.entries) {
      if (item) expect(headers).not.toHaveProperty('authorization')
      else expect(headers.authorization).toMatch(/^Bearer /)
    }
  })
})

describe('the token', () => {
  const wanted: readonly (readonly [
    what: string,
    (simulator: Simulator, operations: OperationsClient) => unknown,
  ])[] = [
    ['a check', ({ tenant }, operations) => record(operations.watch(tenant.addOperation().location))],
    [
      'a batch',
      ({ tenant }, operations) => {
        for (let index = 0; index < 5; index++) record(operations.watch(tenant.addOperation().location))
      },
    ],
    ['a start', ({ tenant }, operations) => operations.submit(archiveTeam(tenant.addTeam().id))],
    [
      'a list',
      ({ tenant }, operations) => firstValueFrom(from(operations.list({ teamId: tenant.addTeam().id }))),
    ],
    ['a target', ({ tenant }, operations) => operations.readTarget(`/teams('${tenant.addTeam().id}')`)],
  ]

  describe.each([301, 302, 307, 308] as const)('when %i redirects to another origin', (status) => {
    test.each(wanted)('does not go there, and neither does the request: %s', async (_, ask) => {
      const { simulator, clock, operations } = createSimulatedClient({
        behaviors: [redirectTo('https://evil.example', status)],
      })
      const asked = Promise.resolve(ask(simulator, operations)).catch((error: unknown) => error)
      await clock.advance(100_000)
      await asked
      expect(simulator.journal.counts.requests).toBeGreaterThan(0)
      expect(simulator.journal.requests.filter(({ kind }) => kind === 'foreign')).toEqual([])
    })
  })

  test('does not follow a redirect within the origin either', async () => {
    const elsewhere = '/v1.0/teams/d40d729b-df60-4b57-ac8f-102595090e0a'
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [when(isCheck, () => ({ status: 307, headers: { location: elsewhere }, body: undefined }))],
    })
    const { values } = record(operations.events(simulator.tenant.addOperation().location))
    await clock.advance(1_000)
    expect(values).toMatchObject([{ type: 'check-failed', problem: { code: 'graph-unavailable' } }])
    expect(simulator.journal.requests.map(({ kind }) => kind)).toEqual(['check'])
  })
})

describe('every error of Graph carries the request-id of its answer', () => {
  const failures: readonly (readonly [what: string, behavior: Behavior])[] = [
    ['a refusal', refuse(403, 'Forbidden', 'Missing role permissions.')],
    ['throttling', throttle()],
    ['an error of the service', serverError(500)],
    ['another refusal', refuse(400, 'BadRequest', 'Invalid.')],
    ['a 401', refuse(401, 'InvalidAuthenticationToken', 'Expired.')],
    ['an odd success', compose(acceptedAs({ header: 'none' }), malformedBody('{"value":'))],
  ]

  test.each(failures)('%s of a start', async (_, behavior) => {
    const { simulator, operations } = createSimulatedClient({ behaviors: [when(isStart, behavior)] })
    const { id } = simulator.tenant.addTeam()
    const error: unknown = await operations.submit(archiveTeam(id)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ requestId: simulator.journal.requests.at(-1)?.requestId })
  })

  test.each(failures)('%s of a list', async (_, behavior) => {
    const { simulator, operations } = createSimulatedClient({ behaviors: [when(isList, behavior)] })
    const { id } = simulator.tenant.addTeam()
    const error: unknown = await firstValueFrom(from(operations.list({ teamId: id }))).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ requestId: simulator.journal.requests.at(-1)?.requestId })
  })

  test.each(failures)('%s of a check', async (_, behavior) => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [when(isCheck, behavior)] })
    const { location } = simulator.tenant.addOperation()
    const told = record(operations.events(location))
    const got = operations.get(location).catch((reason: unknown) => reason)
    await clock.advance(1_000)
    const { requestId } = simulator.journal.entries[0] ?? {}
    expect(requestIdOf(told)).toBe(requestId)
    expect(await got).toMatchObject({ requestId })
  })

  test.each(failures)('%s of an item in a batch', async (_, behavior) => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [when(isItem, behavior)],
    })
    const recorded = Array.from({ length: 3 }, () => {
      const { key, location } = simulator.tenant.addOperation()
      return { key, told: record(operations.events(location)) }
    })
    await clock.advance(1_000)
    const [envelope, ...items] = simulator.journal.entries
    for (const { key, told } of recorded) {
      const item = items.find(({ operation }) => operation === key)
      // What has no request-id of its own came with that of the envelope.
      expect([item?.requestId, envelope?.requestId]).toContain(requestIdOf(told))
    }
  })

  test.each(failures.filter(([what]) => what !== 'an odd success'))('%s of a batch', async (_, behavior) => {
    const { simulator, clock, operations } = createSimulatedClient({ behaviors: [when(isBatch, behavior)] })
    const recorded = Array.from({ length: 3 }, () =>
      record(operations.events(simulator.tenant.addOperation().location)),
    )
    await clock.advance(1_000)
    const { requestId } = simulator.journal.entries[0] ?? {}
    for (const told of recorded) expect(requestIdOf(told)).toBe(requestId)
  })
})

/** What the problem that came first names, or the error in place of one. */
function requestIdOf({ values: [first], error }: Recorded<OperationEvent>): string | undefined {
  if (error instanceof OperationsError) return error.requestId
  return first && 'problem' in first ? first.problem.requestId : undefined
}
