import { isBatch, isCheck, refuse, times, when } from '@teams-operations/simulator'
import { from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import type { AccessToken, TokenCredential, TokenOptions } from '../../src/graph/credential.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import type { OperationEvent } from '../../src/operation/operation-event.ts'
import { record, type Recorded } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000

interface CountingCredential extends TokenCredential {
  readonly asked: readonly {
    readonly scopes: string | string[]
    readonly options: TokenOptions | undefined
  }[]
}

/** Gives `token-1`, `token-2` and so on, or what else it is told to give for a while. */
function countingCredential(
  instead: (attempt: number) => Promise<AccessToken | null> | undefined = () => undefined,
): CountingCredential {
  const asked: { scopes: string | string[]; options: TokenOptions | undefined }[] = []
  return {
    asked,
    getToken(scopes, options) {
      asked.push({ scopes, options })
      const token = { token: `token-${asked.length}`, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }
      return instead(asked.length) ?? Promise.resolve(token)
    },
  }
}

/** What a subscriber was told: the problems by their code, everything else by its type. */
function told({ values }: Recorded<OperationEvent>): readonly string[] {
  return values.map((event) => ('problem' in event ? event.problem.code : event.type))
}

const noError: unknown = 'The identity provider is down.'
const failing: readonly (readonly [what: string, give: () => Promise<AccessToken | null>])[] = [
  ['rejects', () => Promise.reject(new Error('The identity provider is down.'))],
  [
    'throws',
    () => {
      throw new Error('The identity provider is down.')
    },
  ],
  ['rejects with something else than an error', () => Promise.reject(noError)],
  ['resolves to null', () => Promise.resolve(null)],
  ['never answers', () => new Promise(() => {})],
  ['gives an empty token', () => Promise.resolve({ token: '', expiresOnTimestamp: Infinity })],
  ['gives what is no token', () => Promise.resolve({ token: 'a\r\nb', expiresOnTimestamp: Infinity })],
  ['gives an object of something else', () => Promise.resolve({} as AccessToken)],
]

describe.each(failing)('a credential that %s', (_, give) => {
  test('is a problem like any other: nothing is sent, and no stream ends', async () => {
    const credential = countingCredential((attempt) => (attempt <= 3 ? give() : undefined))
    const { simulator, clock, operations } = createSimulatedClient({}, { credential })
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const events = record(operations.events(location))
    const states = record(operations.watch(location))
    await clock.advanceUntil(() => events.values.length === 3)
    expect(told(events)).toEqual(['no-token', 'no-token', 'no-token'])
    expect(simulator.journal.counts.requests).toBe(0)
    await clock.advance(120_000)
    expect(states.values).toMatchObject([{ operation: { status: 'inProgress' }, problem: undefined }])
    expect(states.error).toBeUndefined()
    expect(operations.stats().outcomes['no-token']).toBe(3)
  })

  test('is asked again with patience, however long it does so', async () => {
    const credential = countingCredential(give)
    const { simulator, clock, operations } = createSimulatedClient({}, { credential })
    for (let index = 0; index < 30; index++)
      record(operations.watch(simulator.tenant.addOperation().location))
    await clock.advance(HOUR_MS)
    expect(credential.asked.length).toBeGreaterThan(10)
    expect(credential.asked.length).toBeLessThan(HOUR_MS / 2_000)
    expect(simulator.journal.counts.requests).toBe(0)
  })

  test('rejects what was asked for once, and nothing was sent', async () => {
    const { simulator, clock, operations } = createSimulatedClient(
      {},
      { credential: countingCredential(give) },
    )
    const { id: teamId } = simulator.tenant.addTeam()
    const { location } = simulator.tenant.addOperation()
    const rejected = [
      expect(operations.get(location)).rejects.toMatchObject({
        code: 'CHECK_FAILED',
        problem: { code: 'no-token' },
      }),
      expect(operations.submit(archiveTeam(teamId))).rejects.toMatchObject({ code: 'AUTHENTICATION' }),
      expect(listed({ operations }, teamId)).rejects.toMatchObject({ code: 'AUTHENTICATION' }),
      expect(operations.readTarget(`/teams('${teamId}')`)).resolves.toMatchObject({ usable: false }),
    ]
    await clock.advance(120_000)
    await Promise.all(rejected)
    expect(simulator.journal.counts.requests).toBe(0)
  })
})

function listed({ operations }: Pick<SimulatedClient, 'operations'>, teamId: string): Promise<unknown> {
  return lastValueFrom(from(operations.list({ teamId })).pipe(toArray()))
}

describe('the token', () => {
  test('is asked for once, however much needs it at the same time', async () => {
    const credential = countingCredential()
    const { simulator, clock, operations } = createSimulatedClient({}, { credential })
    const { id: teamId } = simulator.tenant.addTeam()
    for (let index = 0; index < 30; index++)
      record(operations.watch(simulator.tenant.addOperation().location))
    const asked = [operations.submit(archiveTeam(teamId)), listed({ operations }, teamId)]
    await clock.advance(10_000)
    await Promise.all(asked)
    expect(simulator.journal.counts.requests).toBeGreaterThan(3)
    expect(credential.asked).toEqual([
      {
        scopes: `${simulator.origin}/.default`,
        options: { enableCae: true, abortSignal: expect.any(AbortSignal) },
      },
    ])
  })

  test('is renewed before it expires, so that a poll outlives it', async () => {
    const { simulator, clock, operations } = createSimulatedClient(
      { tokens: { lifetimeMs: HOUR_MS } },
      ({ clock: time }) => ({
        credential: countingCredential(() => {
          const token = `token-${time.monotonic()}`
          return Promise.resolve({ token, expiresOnTimestamp: time.now() + HOUR_MS })
        }),
      }),
    )
    const states = record(
      operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location),
    )
    await clock.advance(6 * HOUR_MS)
    expect(states.error).toBeUndefined()
    expect(operations.stats().outcomes.unauthenticated).toBe(0)
    expect(
      new Set(simulator.journal.requests.map(({ headers }) => headers.authorization)).size,
    ).toBeGreaterThan(5)
  })
})

describe('401', () => {
  test('is a problem; the next check has a fresh token, with the claims of the challenge', async () => {
    const credential = countingCredential()
    const { simulator, clock, operations } = createSimulatedClient({}, { credential })
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const events = record(operations.events(location))
    await clock.advance(1_000)
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1767225600"}}}'
    simulator.revokeToken('token-1', claims)
    await clock.advance(75_000)
    expect(told(events)).toEqual(['state', 'checked', 'unauthenticated', 'checked'])
    expect(credential.asked.map(({ options }) => options?.claims)).toEqual([undefined, claims])
    const [, refused, repeated] = simulator.journal.checksOf(location)
    expect(refused?.status).toBe(401)
    expect((repeated?.startedAt ?? 0) - (refused?.endedAt ?? 0)).toBeGreaterThanOrEqual(31_000)
  })

  test('without a challenge is answered with a fresh token as well', async () => {
    const credential = countingCredential()
    const { simulator, clock, operations } = createSimulatedClient({}, { credential })
    const events = record(
      operations.events(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location),
    )
    await clock.advance(1_000)
    simulator.revokeToken('token-1')
    await clock.advance(75_000)
    expect(told(events)).toEqual(['state', 'checked', 'unauthenticated', 'checked'])
    expect(credential.asked.map(({ options }) => options?.claims)).toEqual([undefined, undefined])
  })

  test('twice in a row ends the stream', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation({ script: { outcome: 'stuck' } })
    const states = record(operations.watch(location))
    await clock.advance(1_000)
    simulator.use(when(isCheck, refuse(401, 'InvalidAuthenticationToken', 'Wrong audience.')))
    await clock.advance(HOUR_MS)
    expect(states.error).toMatchObject({
      name: 'AuthenticationError',
      code: 'AUTHENTICATION',
      message: expect.stringContaining('Wrong audience.'),
      requestId: simulator.journal.checksOf(location).at(-1)?.requestId,
      lastState: { operation: { status: 'inProgress' } },
    })
    expect(simulator.journal.counts.checks).toBe(3)
  })

  test('now and then does not', async () => {
    let checks = 0
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [
        when(
          (exchange) => isCheck(exchange) && ++checks % 2 === 0,
          refuse(401, 'InvalidAuthenticationToken', ''),
        ),
      ],
    })
    const states = record(
      operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location),
    )
    await clock.advance(HOUR_MS)
    expect(states.error).toBeUndefined()
    expect(operations.stats().outcomes.unauthenticated).toBeGreaterThan(40)
  })

  test('of a batch is that of each operation in it', async () => {
    const credential = countingCredential()
    const { simulator, clock, operations } = createSimulatedClient(
      { behaviors: [when(isBatch, times(1, refuse(401, 'InvalidAuthenticationToken', 'Expired.')))] },
      { credential },
    )
    const recorded = Array.from({ length: 10 }, () =>
      record(operations.events(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location)),
    )
    await clock.advance(40_000)
    for (const events of recorded) expect(told(events)).toEqual(['unauthenticated', 'state', 'checked'])
    expect(credential.asked).toHaveLength(2)
  })

  test('of a list is tried again at once, and a second one rejects', async () => {
    const credential = countingCredential()
    const { simulator, operations } = createSimulatedClient({}, { credential })
    const { id: teamId } = simulator.tenant.addTeam()
    simulator.revokeToken('token-1')
    await expect(listed({ operations }, teamId)).resolves.toEqual([])
    simulator.use(refuse(401, 'InvalidAuthenticationToken', 'Wrong audience.'))
    await expect(listed({ operations }, teamId)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    expect(simulator.journal.requests.map(({ status }) => status)).toEqual([401, 200, 401, 401])
  })

  test('of a start rejects it, and is not repeated; the next start has a fresh token', async () => {
    const credential = countingCredential()
    const { simulator, operations } = createSimulatedClient({}, { credential })
    const { id: teamId } = simulator.tenant.addTeam()
    simulator.revokeToken('token-1')
    await expect(operations.submit(archiveTeam(teamId))).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    expect(simulator.journal.counts.requests).toBe(1)
    const { id: other } = simulator.tenant.addTeam()
    await expect(operations.submit(archiveTeam(other))).resolves.toMatchObject({ owner: { teamId: other } })
  })
})
