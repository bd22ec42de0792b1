import {
  AuthenticationHandler,
  Client,
  RedirectHandler,
  RetryHandler,
  TelemetryHandler,
  type Context,
} from '@microsoft/microsoft-graph-client'
import {
  isCheck,
  neverEnding,
  redirectTo,
  refuse,
  serverError,
  throttle,
  times,
  when,
  type Simulator,
  type SimulatorOptions,
} from '@teams-operations/simulator'
import { from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { graphClientTransport } from '../../src/graph/graph-client-transport.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { createChat } from '../../src/graph/start/create-chat.ts'
import { conversationMember } from '../../src/graph/start/conversation-member.ts'
import { unarchiveTeam } from '../../src/graph/start/unarchive-team.ts'
import { record } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000

/** An existing client of Microsoft's, with the chain of middleware that it has by default. */
function existingClient({ fetch, origin }: Simulator): Client {
  const authProvider = { getAccessToken: () => Promise.resolve('token-of-the-client') }
  const wire = {
    async execute(context: Context) {
      context.response = await fetch(context.request, context.options)
    },
  }
  return Client.initWithMiddleware({
    customHosts: new Set([new URL(origin).hostname]),
    middleware: [
      new AuthenticationHandler(authProvider),
      new RetryHandler(),
      new RedirectHandler(),
      new TelemetryHandler(),
      wire,
    ],
  })
}

function createClient(simulation: Omit<SimulatorOptions, 'time' | 'clock'> = {}): SimulatedClient {
  return createSimulatedClient(
    { tokens: { accept: ['token-of-the-client'] }, ...simulation },
    (simulator) => ({ credential: undefined, transport: graphClientTransport(existingClient(simulator)) }),
  )
}

describe('with an existing client of microsoft-graph-client', () => {
  test('operations are started and followed to their end, of teams and of chats', async () => {
    const { simulator, clock, operations } = createClient()
    const { id } = simulator.tenant.addTeam()
    const refs = [
      await operations.submit(archiveTeam(id, { shouldSetSpoSiteReadOnlyForMembers: true })),
      await operations.submit(unarchiveTeam(simulator.tenant.addTeam().id)),
      await operations.submit(
        createChat({
          chatType: 'group',
          members: ['ada', 'grace'].map((name) => conversationMember(`${name}@contoso.example`)),
          installedApps: [{ 'teamsApp@odata.bind': "/appCatalogs/teamsApps('0f5f2f9d')" }],
        }),
      ),
    ]
    const recorded = refs.map((ref) => record(operations.watch(ref)))
    await clock.advance(120_000)
    expect(recorded.map(({ values }) => values.at(-1)?.operation)).toMatchObject([
      { operationType: 'archiveTeam', status: 'succeeded' },
      { operationType: 'unarchiveTeam', status: 'succeeded' },
      { operationType: 'createChat', status: 'succeeded' },
    ])
    expect(recorded.every(({ completed }) => completed)).toBe(true)
  })

  test('its requests are like any other, with its own token and its own mark', async () => {
    const { simulator, clock, operations } = createClient()
    for (let index = 0; index < 40; index++) {
      record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location))
    }
    await clock.advance(300_000)
    const { entries, requests } = simulator.journal
    expect(requests.length).toBeGreaterThan(10)
    expect(requests.every(({ kind, status }) => kind === 'batch' && status === 200)).toBe(true)
    for (const { headers } of requests) expect(headers.sdkversion).toMatch(/^graph-js\//)
    for (const { headers } of entries) expect(headers.prefer).toBe('include-unknown-enum-members')
    expect(operations.stats().outcomes.found).toBe(operations.stats().checks)
  })

  test('lists and targets are read', async () => {
    const { simulator, operations } = createClient({ pageSize: 2 })
    const { id: teamId } = simulator.tenant.addTeam()
    const ids = Array.from({ length: 3 }, () => simulator.tenant.addOperation({ teamId }).id)
    const found = await lastValueFrom(from(operations.list({ teamId })).pipe(toArray()))
    expect(found.map(({ id }) => id)).toEqual(ids)
    await expect(operations.readTarget(`/teams('${teamId}')`)).resolves.toEqual({ usable: true })
  })

  test('its retries are switched off: the pause is that of all', async () => {
    const { simulator, clock, operations } = createClient({
      behaviors: [when(isCheck, times(1, throttle({ retryAfter: '40' })))],
    })
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const events = record(operations.events(location))
    await clock.advance(1_000)
    expect(events.values).toMatchObject([{ type: 'throttled', retryAfterMs: 40_000 }])
    await clock.advance(60_000)
    expect(simulator.journal.gapsOf(location)).toEqual([
      expect.toSatisfy((ms) => ms >= 40_000 && ms < 42_000),
    ])
  })

  test.each([
    ['429', throttle({ takesEffect: true }), 'THROTTLED'],
    ['503', serverError(503, { takesEffect: true }), 'GRAPH_REQUEST'],
    ['504', serverError(504, { takesEffect: true }), 'GRAPH_REQUEST'],
  ])('a start that is answered %s is not repeated', async (_, behavior, code) => {
    const { simulator, clock, operations } = createClient({ behaviors: [behavior] })
    const { id } = simulator.tenant.addTeam()
    await expect(operations.submit(archiveTeam(id))).rejects.toMatchObject({
      code,
      requestId: expect.any(String),
    })
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.requests).toBe(1)
  })

  test('redirects are not followed, neither with the token nor without', async () => {
    const { simulator, clock, operations } = createClient({ behaviors: [redirectTo('https://evil.example')] })
    const events = record(operations.events(simulator.tenant.addOperation().location))
    await clock.advance(1_000)
    expect(events.values).toMatchObject([{ type: 'check-failed', problem: { code: 'graph-unavailable' } }])
    expect(simulator.journal.requests.map(({ kind }) => kind)).toEqual(['check'])
  })

  test('an answer that never ends is given up, and disposal aborts it', async () => {
    const { simulator, clock, operations } = createClient({ behaviors: [neverEnding()] })
    const events = record(operations.events(simulator.tenant.addOperation().location))
    await clock.advance(30_000)
    expect(events.values).toMatchObject([{ problem: { code: 'no-answer' } }])
    await clock.advance(60_000)
    await operations[Symbol.asyncDispose]()
    await clock.advance(0)
    expect(events.completed).toBe(true)
    expect(simulator.journal.requests.map(({ outcome }) => outcome)).not.toContain('pending')
  })

  test('a 401 is tried once more with the next check, and then ends the stream', async () => {
    const { simulator, clock, operations } = createClient({
      behaviors: [refuse(401, 'InvalidAuthenticationToken', 'Expired.')],
    })
    const states = record(operations.watch(simulator.tenant.addOperation().location))
    await clock.advance(60_000)
    expect(states.error).toMatchObject({ code: 'AUTHENTICATION' })
    expect(simulator.journal.counts.checks).toBe(2)
  })
})
