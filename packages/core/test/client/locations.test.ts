import { acceptedAs, foreignNextLink, type LocationSpelling } from '@teams-operations/simulator'
import { describe, expect, test } from 'vitest'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import type { RefInput } from '../../src/operation/resolve-ref.ts'
import type { TeamsAsyncOperation } from '../../src/operation/teams-async-operation.ts'
import { record } from './record.ts'
import { createSimulatedClient } from './simulated-client.ts'

const ORIGIN = 'https://graph.simulator.example'
const TEAM = 'd40d729b-df60-4b57-ac8f-102595090e0a'
const OPERATION = '6aba218b-509e-42e2-b8fe-1a3dbc8a7cd0'
const CHAT = '19:2f0c8b7e3d5a4f1e9b6c7d8e9f0a1b2c@thread.v2'
const CHAT_OPERATION = [OPERATION, TEAM, OPERATION].join('-')
const USER = '8b081ef6-4792-4def-b2c9-c363a1bf41d5'

const located = (headers: Record<string, string>): Response => new Response(null, { status: 202, headers })

const spellingsOfTeam: readonly RefInput[] = [
  `/teams('${TEAM}')/operations('${OPERATION}')`,
  `/teams(${TEAM})/operations(${OPERATION})`,
  `/teams/${TEAM}/operations/${OPERATION}`,
  `/teams${TEAM}/operations(${OPERATION})`,
  `/teams('${TEAM}')/operations/${OPERATION}`,
  `/teams%28%27${TEAM}%27%29/operations%28%27${OPERATION}%27%29`,
  `/teams('${TEAM.toUpperCase()}')/operations('${OPERATION.toUpperCase()}')`,
  `/groups(${TEAM})/team/operations(${OPERATION})`,
  `/groups('${TEAM}')/team/operations('${OPERATION}')`,
  `/groups/${TEAM}/team/operations/${OPERATION}`,
  `/me/joinedTeams/${TEAM}/operations/${OPERATION}`,
  `/users/${USER}/joinedTeams('${TEAM}')/operations('${OPERATION}')`,
  `/v1.0/teams('${TEAM}')/operations('${OPERATION}')`,
  `/beta/teams/${TEAM}/operations/${OPERATION}`,
  `${ORIGIN}/v1.0/teams('${TEAM}')/operations('${OPERATION}')`,
  `${ORIGIN.toUpperCase()}/beta/teams/${TEAM}/operations/${OPERATION}`,
  `${ORIGIN}:443/v1.0/teams/${TEAM}/operations/${OPERATION}`,
  new URL(`${ORIGIN}/v1.0/teams/${TEAM}/operations/${OPERATION}`),
  { teamId: TEAM, operationId: OPERATION },
  { teamId: TEAM.toUpperCase(), operationId: OPERATION },
  { location: `/teams/${TEAM}/operations/${OPERATION}`, operationId: 'x', owner: { teamId: 'x' } },
  located({ Location: `/teams('${TEAM}')/operations('${OPERATION}')` }),
  located({ 'Content-Location': `/teams/${TEAM}/operations/${OPERATION}` }),
  located({ Location: `/teams/${TEAM}/operations/${OPERATION}`, 'Content-Location': `/teams('${TEAM}')` }),
]

const encodedChat = encodeURIComponent(CHAT)
const spellingsOfChat: readonly RefInput[] = [
  `/chats('${CHAT}')/operations('${CHAT_OPERATION}')`,
  `/chats(${CHAT})/operations(${CHAT_OPERATION})`,
  `/chats/${CHAT}/operations/${CHAT_OPERATION}`,
  `/chats/${encodedChat}/operations/${CHAT_OPERATION}`,
  `/chats('${encodedChat}')/operations('${CHAT_OPERATION}')`,
  `/me/chats/${CHAT}/operations/${CHAT_OPERATION}`,
  `/users/${USER}/chats('${encodedChat}')/operations('${CHAT_OPERATION}')`,
  `/beta/chats('${CHAT}')/operations('${CHAT_OPERATION}')`,
  `${ORIGIN}/beta/chats/${encodedChat}/operations/${CHAT_OPERATION}`,
  { chatId: CHAT, operationId: CHAT_OPERATION },
  located({ Location: `/chats('${CHAT}')/operations('${CHAT_OPERATION}')` }),
]

describe('all spellings of an operation', () => {
  test.each([
    ['a team', { teamId: TEAM, id: OPERATION }, spellingsOfTeam],
    ['a chat', { chatId: CHAT, id: CHAT_OPERATION }, spellingsOfChat],
  ])('of %s share one stream', async (_, seed, spellings) => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ ...seed, script: { inProgressMs: 20_000 } })
    const recorded = spellings.map((input) => record(operations.watch(input)))
    expect(operations.stats().followed).toBe(1)
    await clock.advance(60_000)
    for (const { values, error } of recorded) {
      expect(error).toBeUndefined()
      expect(values).toMatchObject([
        { ref: { location }, operation: { id: seed.id, status: 'inProgress' } },
        { ref: { location }, operation: { id: seed.id, status: 'succeeded' } },
      ])
      expect(values[0]).toBe(recorded[0]?.values[0])
    }
    expect(simulator.journal.counts).toMatchObject({ requests: 2, checks: 2 })
  })

  test('that Graph answers a start with lead to the operation', async () => {
    const spellings: LocationSpelling[] = [
      'quoted',
      'bare',
      'slash',
      'unbalanced',
      'group',
      'encoded',
      'absolute',
    ]
    for (const spelling of spellings) {
      const { simulator, clock, operations } = createSimulatedClient({
        behaviors: [acceptedAs({ spelling })],
      })
      const { id } = simulator.tenant.addTeam()
      const ref = await operations.submit(archiveTeam(id))
      const [started] = simulator.tenant.operationsOf(id)
      expect(ref.location).toBe(started?.location)
      const { values } = record(operations.watch(ref))
      await clock.advance(60_000)
      expect(values.at(-1)?.operation.status).toBe('succeeded')
    }
  })
})

const path = `/teams('${TEAM}')/operations('${OPERATION}')`
const refused: readonly (readonly [why: string, input: unknown])[] = [
  ['another origin', `https://graph.evil.example/v1.0${path}`],
  ['another scheme', `http://graph.simulator.example/v1.0${path}`],
  ['another port', `${ORIGIN}:8443/v1.0${path}`],
  ['a longer host', `https://graph.simulator.example.evil.example/v1.0${path}`],
  ['the real Graph, which is not the configured one', `https://graph.microsoft.com/v1.0${path}`],
  ['userinfo', `https://user:secret@graph.simulator.example/v1.0${path}`],
  ['the origin as userinfo', `https://graph.simulator.example@evil.example/v1.0${path}`],
  ['a host without a scheme', `//evil.example/v1.0${path}`],
  ['a host after backslashes', `\\\\evil.example/v1.0${path}`],
  ['a host behind a slash and a backslash', `/\\evil.example/v1.0${path}`],
  ['dots', `/v1.0/teams/../teams('${TEAM}')/operations('${OPERATION}')`],
  ['dots at the end', `${path}/..`],
  ['encoded dots', `/v1.0/%2e%2e/beta${path}`],
  ['an encoded slash', `/teams('${TEAM}%2fx')/operations('${OPERATION}')`],
  ['an encoded slash, encoded twice', `/teams('${TEAM}%252fx')/operations('${OPERATION}')`],
  ['an encoded NUL', `${path}%00`],
  ['a fragment', `${path}#/x`],
  ['a query', `${path}?$select=id`],
  ['a line break', `${path}\r\nX: y`],
  ['a space before it', ` ${path}`],
  ['no slash before it', path.slice(1)],
  ['another version', `/v2.0${path}`],
  ['a path that is a team', `/teams('${TEAM}')`],
  ['a path that is a list', `/teams('${TEAM}')/operations`],
  ['a path behind an operation', `${path}/targetResource`],
  ['a path of something else', `/groups/${TEAM}/members/${OPERATION}`],
  ['a quote inside an id', `/teams('${TEAM}')/operations('x'')or''1')`],
  ['a team that is no GUID', `/teams('me')/operations('${OPERATION}')`],
  ['no location', ''],
  ['nothing', undefined],
  ['a number', 42],
  ['an object of something else', { id: OPERATION }],
  ['ids of two owners', { teamId: TEAM, chatId: CHAT, operationId: OPERATION }],
  ['an id that leads out', { teamId: `${TEAM}/../..`, operationId: OPERATION }],
  ['a response that has none', new Response(null, { status: 202 })],
  ['a response with another origin', located({ Location: `https://evil.example/v1.0${path}` })],
  ['a reference with another origin', { location: `https://evil.example${path}`, operationId: OPERATION }],
]

describe('what is not an operation of this Graph', () => {
  test.each(refused)('is refused before anything is sent: %s', async (_, given) => {
    const input = given as RefInput
    const asked: unknown[] = []
    const { simulator, clock, operations } = createSimulatedClient(
      {},
      {
        credential: {
          getToken: async (scopes) => {
            asked.push(scopes)
            return null
          },
        },
      },
    )
    const invalid = expect.objectContaining({ name: 'InvalidLocationError', code: 'INVALID_LOCATION' })
    expect(() => operations.ref(input)).toThrow(invalid)
    expect(record(operations.watch(input)).error).toEqual(invalid)
    expect(record(operations.watch(input, { deadlineMs: 1_000 })).error).toEqual(invalid)
    expect(record(operations.events(input)).error).toEqual(invalid)
    await expect(operations.get(input)).rejects.toEqual(invalid)
    await clock.advance(60_000)
    expect(simulator.journal.counts.requests).toBe(0)
    expect(asked).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  test('does not show in the message what may be a secret', () => {
    const { operations } = createSimulatedClient()
    for (const location of [
      `https://user:secret@graph.simulator.example/v1.0${path}`,
      `${path}?token=secret`,
      `${path}#secret`,
      'Bearer secret',
    ]) {
      expect(() => operations.ref(location)).toThrow(expect.objectContaining({ code: 'INVALID_LOCATION' }))
      expect(() => operations.ref(location)).not.toThrow(/secret/)
    }
  })
})

describe('links of Graph to another origin', () => {
  test('as the Location of a 202 are not followed: the operation is under way, nobody knows where', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [
        async (_, next) => {
          const reply = await next()
          const { location, ...headers } = reply.headers
          return { ...reply, headers: { ...headers, location: `https://evil.example/v1.0${location}` } }
        },
      ],
    })
    const { id } = simulator.tenant.addTeam()
    const error: unknown = await operations.submit(archiveTeam(id)).catch((reason: unknown) => reason)
    await clock.advance(60_000)
    const [start, ...others] = simulator.journal.requests
    expect(error).toMatchObject({
      code: 'MISSING_LOCATION',
      requestId: start?.requestId,
      cause: { code: 'INVALID_LOCATION' },
    })
    expect(others).toEqual([])
  })

  test('as the nextLink of a list are refused, after what came before them', async () => {
    const { simulator, operations } = createSimulatedClient({
      behaviors: [foreignNextLink('https://evil.example')],
      pageSize: 2,
    })
    const team = simulator.tenant.addTeam()
    const added = Array.from({ length: 3 }, () => simulator.tenant.addOperation({ teamId: team.id }).id)
    const listed: TeamsAsyncOperation[] = []
    const listing = (async () => {
      for await (const operation of operations.list({ teamId: team.id })) listed.push(operation)
    })()
    await expect(listing).rejects.toMatchObject({ code: 'INVALID_LOCATION' })
    expect(listed.map(({ id }) => id)).toEqual(added.slice(0, 2))
    expect(simulator.journal.requests.map(({ kind }) => kind)).toEqual(['list'])
  })

  test.each([
    `https://evil.example/v1.0/teams('${TEAM}')`,
    `//evil.example/v1.0/teams('${TEAM}')`,
    `/\\evil.example/v1.0/teams('${TEAM}')`,
    `https://graph.simulator.example@evil.example/v1.0/teams('${TEAM}')`,
  ])('as the location of a target are refused: %s', async (location) => {
    const { simulator, operations } = createSimulatedClient()
    await expect(operations.readTarget(location)).rejects.toMatchObject({ code: 'INVALID_LOCATION' })
    expect(simulator.journal.counts.requests).toBe(0)
  })
})
