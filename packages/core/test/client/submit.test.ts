import {
  acceptedAs,
  dropConnection,
  isStart,
  latency,
  malformedBody,
  neverEnding,
  refuse,
  serverError,
  throttle,
  times,
  when,
  type Behavior,
} from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { archiveChannel } from '../../src/graph/start/archive-channel.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { cloneTeam } from '../../src/graph/start/clone-team.ts'
import { conversationMember } from '../../src/graph/start/conversation-member.ts'
import { createChannel } from '../../src/graph/start/create-channel.ts'
import { createChat } from '../../src/graph/start/create-chat.ts'
import { createTeam } from '../../src/graph/start/create-team.ts'
import { unarchiveChannel } from '../../src/graph/start/unarchive-channel.ts'
import { unarchiveTeam } from '../../src/graph/start/unarchive-team.ts'
import type { StartRequest } from '../../src/graph/start-request.ts'
import { record } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000
const members = ['ada', 'grace', 'joan'].map((name) => conversationMember(`${name}@contoso.example`))

const starts: readonly (readonly [operationType: string, (simulated: SimulatedClient) => StartRequest])[] = [
  ['createTeam', () => createTeam({ displayName: 'Rocket' })],
  [
    'cloneTeam',
    (simulated) => cloneTeam(teamOf(simulated), { displayName: 'Copy', partsToClone: ['apps', 'tabs'] }),
  ],
  [
    'archiveTeam',
    (simulated) => archiveTeam(teamOf(simulated), { shouldSetSpoSiteReadOnlyForMembers: true }),
  ],
  ['unarchiveTeam', (simulated) => unarchiveTeam(teamOf(simulated))],
  ['createChannel', (simulated) => createChannel(teamOf(simulated), { displayName: 'Partners' })],
  ['archiveChannel', (simulated) => archiveChannel(...channelOf(simulated))],
  ['unarchiveChannel', (simulated) => unarchiveChannel(...channelOf(simulated))],
  [
    'createChat',
    () =>
      createChat({
        chatType: 'group',
        members,
        installedApps: [{ 'teamsApp@odata.bind': "/appCatalogs/teamsApps('0f5f2f9d')" }],
      }),
  ],
]

function teamOf({ simulator }: SimulatedClient): string {
  return simulator.tenant.addTeam().id
}

function channelOf(simulated: SimulatedClient): [teamId: string, channelId: string] {
  const teamId = teamOf(simulated)
  return [teamId, simulated.simulator.tenant.addChannel(teamId).id]
}

/** Submits the archiving of a team, and waits as long as it takes. @returns what came of it */
async function archive(simulated: SimulatedClient): Promise<unknown> {
  const { operations, clock } = simulated
  let outcome: unknown
  void operations.submit(archiveTeam(teamOf(simulated))).then(
    (ref) => (outcome = ref),
    (error: unknown) => (outcome = error),
  )
  await clock.advanceUntil(() => outcome !== undefined)
  return outcome
}

describe('every start method', () => {
  test.each(starts)('%s is sent once, and leads to its operation', async (operationType, build) => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    const ref = await operations.submit(build(simulated))
    expect(simulator.journal.requests).toMatchObject([{ kind: 'start', status: 202 }])
    const [started] = simulator.tenant.operations()
    expect(ref.location).toBe(started?.key)
    const states = record(operations.watch(ref))
    await clock.advance(120_000)
    expect(states.completed).toBe(true)
    expect(states.values.at(-1)).toMatchObject({ operation: { operationType, status: 'succeeded' } })
  })

  test('sends what binds to other resources with the origin of this Graph', async () => {
    const bodies: unknown[] = []
    const { simulator, operations } = createSimulatedClient({
      behaviors: [
        (exchange, next) => {
          bodies.push(JSON.parse(exchange.request.body))
          return next()
        },
      ],
    })
    await operations.submit(createTeam({ displayName: 'Rocket', members: members.slice(0, 1) }))
    expect(bodies).toEqual([
      {
        displayName: 'Rocket',
        'template@odata.bind': `${simulator.origin}/v1.0/teamsTemplates('standard')`,
        members: [
          {
            '@odata.type': '#microsoft.graph.aadUserConversationMember',
            roles: ['owner'],
            'user@odata.bind': `${simulator.origin}/v1.0/users('ada@contoso.example')`,
          },
        ],
      },
    ])
  })
})

describe('the first check', () => {
  test.each([0, 3_000, 7_999])(
    'of what was submitted comes after 8 seconds, watched after %i ms',
    async (afterMs) => {
      const { simulator, clock, operations } = createSimulatedClient()
      const ref = await operations.submit(archiveTeam(simulator.tenant.addTeam().id))
      await clock.advance(afterMs)
      record(operations.watch(ref))
      await clock.advance(20_000)
      expect(simulator.journal.checksOf(ref).map(({ startedAt }) => startedAt)).toEqual([8_000])
    },
  )

  test('counts its 8 seconds from the end of the 202', async () => {
    const simulated = createSimulatedClient({ behaviors: [when(isStart, latency(5_000))] })
    const { simulator, clock, operations } = simulated
    const submitted = operations.submit(archiveTeam(teamOf(simulated)))
    await clock.advance(5_000)
    const ref = await submitted
    record(operations.watch(ref.location))
    await clock.advance(20_000)
    expect(simulator.journal.checksOf(ref).map(({ startedAt }) => startedAt)).toEqual([13_000])
  })

  test('comes at once when the operation is watched for the first time later', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const ref = await operations.submit(archiveTeam(simulator.tenant.addTeam().id))
    await clock.advance(60_000)
    expect(simulator.journal.checksOf(ref)).toEqual([])
    record(operations.watch(ref))
    await clock.advance(10)
    expect(simulator.journal.checksOf(ref)).toHaveLength(1)
  })

  test('of a location that comes from elsewhere is made at once', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation()
    record(operations.watch(location))
    await clock.advance(1)
    expect(simulator.journal.checksOf(location)).toHaveLength(1)
  })

  test('is not made for what nobody watches', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    await operations.submit(archiveTeam(simulator.tenant.addTeam().id))
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts).toMatchObject({ requests: 1, checks: 0 })
  })
})

type Refusal = readonly [what: string, Behavior, expected: object]

const lost: readonly Refusal[] = [
  ['a connection that is refused', dropConnection(), { code: 'CONNECTION' }],
  ['a connection that breaks after it was done', dropConnection({ at: 'answer' }), { code: 'CONNECTION' }],
  ['an answer that never comes', neverEnding({ at: 'answer' }), { code: 'CONNECTION' }],
]

const refusals: readonly Refusal[] = [
  ['429', throttle(), { code: 'THROTTLED', retryAfterMs: 10_000 }],
  ['429, although it was done', throttle({ takesEffect: true }), { code: 'THROTTLED' }],
  ['429 without Retry-After', throttle({ retryAfter: null }), { code: 'THROTTLED', retryAfterMs: undefined }],
  ['509', serverError(509), { code: 'THROTTLED' }],
  ['503 with Retry-After', serverError(503, { retryAfter: '7' }), { code: 'THROTTLED', retryAfterMs: 7_000 }],
  ['500', serverError(500), { code: 'GRAPH_REQUEST', status: 500 }],
  [
    '500, although it was done',
    serverError(500, { takesEffect: true }),
    { code: 'GRAPH_REQUEST', status: 500 },
  ],
  ['502', serverError(502), { code: 'GRAPH_REQUEST', status: 502 }],
  ['503', serverError(503), { code: 'GRAPH_REQUEST', status: 503 }],
  ['504', serverError(504), { code: 'GRAPH_REQUEST', status: 504 }],
  ['401', refuse(401, 'InvalidAuthenticationToken', 'Expired.'), { code: 'AUTHENTICATION' }],
  ['403', refuse(403, 'Forbidden', 'Missing role.'), { code: 'ACCESS_DENIED' }],
  ['400', refuse(400, 'BadRequest', 'Bad.'), { code: 'GRAPH_REQUEST', status: 400, graphCode: 'BadRequest' }],
  ['404', refuse(404, 'NotFound', 'No team.'), { code: 'GRAPH_REQUEST', status: 404 }],
  ['409', refuse(409, 'Conflict', 'Already exists.'), { code: 'GRAPH_REQUEST', status: 409 }],
  [
    'a redirect',
    () => ({ status: 307, headers: { location: '/v1.0/x' }, body: undefined }),
    { code: 'GRAPH_REQUEST' },
  ],
  ...lost,
]

describe('a start that is answered with', () => {
  test.each(refusals)('%s rejects, and is never repeated', async (_, behavior, expected) => {
    const simulated = createSimulatedClient({ behaviors: [when(isStart, behavior)] })
    const { simulator, clock } = simulated
    const error = await archive(simulated)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject(expected)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.requests.map(({ kind }) => kind)).toEqual(['start'])
    expect(simulator.journal.violationCount('repeated-start')).toBe(0)
  })

  test.each(lost)('%s rejects and says that it may have been done nevertheless', async (_, behavior) => {
    const simulated = createSimulatedClient({ behaviors: [when(isStart, behavior)] })
    expect(await archive(simulated)).toMatchObject({
      message: expect.stringContaining('may have been done'),
    })
  })
})

describe('a 202', () => {
  test('without a Location rejects: it is under way, and may not be started again', async () => {
    const simulated = createSimulatedClient({ behaviors: [acceptedAs({ header: 'none' })] })
    expect(await archive(simulated)).toMatchObject({
      name: 'MissingLocationError',
      code: 'MISSING_LOCATION',
      message: expect.stringContaining('do not start it again'),
      requestId: simulated.simulator.journal.requests[0]?.requestId,
    })
    await simulated.clock.advance(HOUR_MS)
    expect(simulated.simulator.journal.counts.requests).toBe(1)
  })

  test.each([
    ['with an empty JSON body', acceptedAs({ contentType: 'application/json' })],
    ['with half a JSON body', malformedBody('{"id":')],
    ['with a body of something else', malformedBody('<html></html>')],
    ['with Content-Location only', acceptedAs({ header: 'content-location' })],
    ['with an absolute Location', acceptedAs({ spelling: 'absolute' })],
  ])('%s leads to the operation', async (_, behavior) => {
    const simulated = createSimulatedClient({ behaviors: [when(isStart, behavior)] })
    const { simulator, clock, operations } = simulated
    const ref = await operations.submit(archiveTeam(teamOf(simulated)))
    const [started] = simulator.tenant.operations()
    expect(ref.location).toBe(started?.key)
    const states = record(operations.watch(ref))
    await clock.advance(60_000)
    expect(states.values.at(-1)?.operation.status).toBe('succeeded')
  })

  test('with a Content-Location that is the team, and no Location, rejects', async () => {
    const { operations } = createSimulatedClient({
      behaviors: [
        async (_, next) => {
          const reply = await next()
          const { location: __, ...headers } = reply.headers
          return { ...reply, headers }
        },
      ],
    })
    const created = operations.submit(createTeam({ displayName: 'Rocket' }))
    await expect(created).rejects.toMatchObject({ code: 'MISSING_LOCATION' })
  })
})

test('what Graph does at once has no operation to follow', async () => {
  const simulated = createSimulatedClient()
  const { simulator, operations } = simulated
  const submitted = operations.submit({
    method: 'POST',
    version: 'v1.0',
    path: `/teams/${teamOf(simulated)}/channels`,
    body: { displayName: 'Plain', membershipType: 'standard' },
    description: 'create a plain channel',
  })
  await expect(submitted).rejects.toMatchObject({
    code: 'NO_OPERATION',
    status: 201,
    resource: { displayName: 'Plain' },
  })
  expect(simulator.journal.counts.requests).toBe(1)
})

describe('a start', () => {
  test('waits while the client is held back, and is sent then', async () => {
    const simulated = createSimulatedClient({ behaviors: [times(1, throttle({ retryAfter: '20' }))] })
    const { simulator, clock, operations } = simulated
    record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location))
    await clock.advance(1_000)
    await archive(simulated)
    expect(simulator.journal.requests.map(({ kind, startedAt }) => [kind, startedAt])).toEqual([
      ['check', 0],
      ['start', 20_000],
    ])
  })

  test('of a busy team waits for its turn, and all are sent: no second has more than four', async () => {
    const simulated = createSimulatedClient({}, { quotaShare: 1 })
    const { simulator, clock, operations } = simulated
    const teamId = teamOf(simulated)
    for (let index = 0; index < 8; index++) {
      record(
        operations.watch(simulator.tenant.addOperation({ teamId, script: { outcome: 'stuck' } }).location),
      )
    }
    const refs = Array.from({ length: 8 }, () => {
      const { id } = simulator.tenant.addChannel(teamId)
      return operations.submit(archiveChannel(teamId, id))
    })
    const archived = operations.submit(archiveTeam(teamOf(simulated)))
    await clock.advance(5_000)
    await expect(Promise.all(refs)).resolves.toHaveLength(8)
    // The others do not wait for it.
    await archived
    expect(simulator.journal.requests.find(({ route }) => route === 'archiveTeam')?.startedAt).toBe(0)
    const moments = simulator.journal.entries
      .filter((entry) => entry.teamId === teamId)
      .map((entry) => entry.startedAt)
    expect(moments).toHaveLength(16)
    for (const start of moments) {
      expect(moments.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(4)
    }
  })

  test('that is aborted before it is sent is not sent', async () => {
    const simulated = createSimulatedClient({ behaviors: [times(1, throttle({ retryAfter: '20' }))] })
    const { simulator, clock, operations } = simulated
    record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location))
    await clock.advance(1_000)
    const controller = new AbortController()
    const teamId = teamOf(simulated)
    const submitted = operations.submit(archiveTeam(teamId), { signal: controller.signal })
    await clock.advance(1_000)
    controller.abort(new Error('enough'))
    await expect(submitted).rejects.toThrow('enough')
    await expect(operations.submit(archiveTeam(teamId), { signal: controller.signal })).rejects.toThrow(
      'enough',
    )
    await clock.advance(HOUR_MS)
    expect(simulator.journal.requests.some(({ kind }) => kind === 'start')).toBe(false)
  })

  test('that is aborted on its way rejects at once, and may have been done', async () => {
    const simulated = createSimulatedClient({ behaviors: [latency(10_000)] })
    const { simulator, clock, operations } = simulated
    const controller = new AbortController()
    const teamId = teamOf(simulated)
    const submitted = operations.submit(archiveTeam(teamId), { signal: controller.signal })
    await clock.advance(1_000)
    controller.abort(new Error('enough'))
    await expect(submitted).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
    expect(simulator.tenant.operationsOf(teamId)).toHaveLength(1)
    expect(simulator.journal.counts.requests).toBe(1)
  })

  test.each([
    ['a path of another origin', { path: '//evil.example/teams' }],
    ['a path behind a backslash', { path: '/\\evil.example/teams' }],
    ['no path', { path: '' }],
    ['another version', { version: 'v2.0' }],
  ])('with %s is refused before anything is sent', async (_, wrong) => {
    const simulated = createSimulatedClient()
    const request = { ...archiveTeam(teamOf(simulated)), ...wrong } as StartRequest
    await expect(simulated.operations.submit(request)).rejects.toThrow(TypeError)
    expect(simulated.simulator.journal.counts.requests).toBe(0)
  })
})
