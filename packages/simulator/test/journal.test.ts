import { describe, expect, it } from 'vitest'
import {
  createSimulator,
  dropConnection,
  emptyBody,
  latency,
  malformedBody,
  missingItem,
  neverEnding,
  serverError,
  throttle,
  times,
  when,
  isBatch,
  isItem,
} from '../src/index.ts'
import { checkItem, clientOf, unlimited } from './test-client.ts'

describe('the journal', () => {
  it('writes down every request: when, what, for which operation, and what it was answered', async () => {
    const simulator = createSimulator({ behaviors: [latency(250)] })
    const operation = simulator.tenant.addOperation()
    await simulator.clock.advance(1_000)
    const answer = clientOf(simulator).get(`/v1.0${operation.location}?$select=id`, {
      headers: { 'client-request-id': 'mine' },
    })
    await simulator.clock.advance(10)
    expect(simulator.journal.entries).toMatchObject([
      { outcome: 'pending', startedAt: 1_000, endedAt: undefined },
    ])
    await simulator.clock.advance(1_000)
    expect(simulator.journal.entries).toMatchObject([
      {
        sequence: 1,
        kind: 'check',
        route: 'operation',
        version: 'v1.0',
        method: 'GET',
        url: `${simulator.origin}/v1.0${operation.location.replaceAll("'", '%27')}?$select=id`.replaceAll(
          '%27',
          "'",
        ),
        operation: operation.key,
        teamId: operation.identity.ownerId,
        headers: { 'client-request-id': 'mine' },
        startedAt: 1_000,
        endedAt: 1_250,
        outcome: 'answered',
        status: 200,
        requestId: (await answer).headers.get('request-id'),
      },
    ])
  })

  it('keeps a fingerprint of a token, and never the token', async () => {
    const simulator = createSimulator()
    const { get } = clientOf(simulator)
    for (const token of ['secret-1', 'secret-1', 'secret-2']) {
      await get('/v1.0/me/joinedTeams', { headers: { authorization: `Bearer ${token}` } })
    }
    const [one, same, other] = simulator.journal.entries.map(({ headers }) => headers['authorization'])
    expect(one).toMatch(/^Bearer fingerprint:[0-9a-f]{8}$/)
    expect(one).toBe(same)
    expect(one).not.toBe(other)
    expect(JSON.stringify(simulator.journal.entries)).not.toContain('secret')
  })

  it('has the items of a batch next to their envelope, with its times', async () => {
    const simulator = createSimulator({ behaviors: [when(isBatch, latency(100))] })
    const [one, other] = [simulator.tenant.addOperation(), simulator.tenant.addOperation()]
    const answer = clientOf(simulator).batch('v1.0', [checkItem('a', one), checkItem('b', other)])
    await simulator.clock.advance(1_000)
    await answer
    expect(simulator.journal.entries).toMatchObject([
      { sequence: 1, kind: 'batch', batchSize: 2, startedAt: 0, endedAt: 100, status: 200 },
      {
        sequence: 2,
        operation: one.key,
        item: { id: 'a', envelope: 1 },
        startedAt: 0,
        endedAt: 100,
        status: 200,
      },
      {
        sequence: 3,
        operation: other.key,
        item: { id: 'b', envelope: 1 },
        startedAt: 0,
        endedAt: 100,
        status: 200,
      },
    ])
    expect(simulator.journal.requests).toHaveLength(1)
    expect(simulator.journal.counts).toEqual({ requests: 1, batches: 1, items: 2, checks: 2 })
  })

  it('tells what became of items that did not come back', async () => {
    const simulator = createSimulator({ behaviors: [when(isItem, times(1, missingItem()))] })
    const operations = [simulator.tenant.addOperation(), simulator.tenant.addOperation()]
    const { batch } = clientOf(simulator)
    const items = operations.map((operation, index) => checkItem(String(index), operation))
    await batch('v1.0', items)
    simulator.use(when(isBatch, times(1, serverError(503))))
    await batch('v1.0', items)
    simulator.use(when(isBatch, dropConnection()))
    await expect(batch('v1.0', items)).rejects.toThrow()
    const outcomes = simulator.journal.entries.filter(({ item }) => item).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['missing', 'answered', 'missing', 'missing', 'broken', 'broken'])
  })

  it('finds the checks of one operation and the gaps between them, by any spelling', async () => {
    const simulator = createSimulator({ behaviors: [latency(500)] })
    const { get, batch } = clientOf(simulator)
    const operation = simulator.tenant.addOperation()
    const { ownerId, id } = operation.identity
    for (const check of [
      () => get(`/v1.0/teams/${ownerId}/operations/${id}`),
      () => batch('v1.0', [checkItem('1', operation)]),
      () => get(`/beta/groups/${ownerId}/team/operations('${id.toUpperCase()}')`),
    ]) {
      const answer = check()
      await simulator.clock.advance(1_500)
      await answer
      await simulator.clock.advance(30_000)
    }
    const { journal } = simulator
    expect(journal.checksOf(operation)).toHaveLength(3)
    // The item waits as well as its envelope.
    expect(journal.gapsOf(`/teams(${ownerId})/operations(${id})`)).toEqual([31_000, 30_500])
    expect([...journal.checkSummaries()]).toMatchObject([
      { operation: operation.key, checks: 3, shortestGapMs: 30_500, longestGapMs: 31_000, firstStartedAt: 0 },
    ])
  })

  it('counts the checks of the busiest window', async () => {
    const simulator = unlimited()
    const { get } = clientOf(simulator)
    for (const waitMs of [0, 400, 400, 400, 5_000, 100]) {
      await simulator.clock.advance(waitMs)
      await get(`/v1.0${simulator.tenant.addOperation().location}`)
    }
    const { journal } = simulator
    expect([1, 100, 101, 800, 801, 1_000, 1_201, 10_000].map((ms) => journal.maxChecksInWindow(ms))).toEqual([
      1, 1, 2, 2, 3, 3, 4, 6,
    ])
  })
})

describe('the judge finds', () => {
  it('a check within 30 seconds of the end of the previous answer', async () => {
    const simulator = createSimulator({ behaviors: [latency(4_000)] })
    const { get } = clientOf(simulator)
    const { location, key } = simulator.tenant.addOperation()
    const check = async (): Promise<void> => {
      const answer = get(`/v1.0${location}`)
      await simulator.clock.advance(4_000)
      await answer
    }
    await check()
    await simulator.clock.advance(30_000)
    await check()
    expect(simulator.journal.violations()).toEqual([])
    await simulator.clock.advance(29_999)
    await check()
    expect(simulator.journal.violations()).toMatchObject([
      {
        type: 'check-too-early',
        operation: key,
        gapMs: 29_999,
        floorMs: 30_000,
        sequence: 3,
        startedAt: 67_999,
      },
    ])
  })

  it('a check while the previous one is awaited', async () => {
    const simulator = createSimulator({ behaviors: [latency(60_000)] })
    const { get } = clientOf(simulator)
    const { location } = simulator.tenant.addOperation()
    const answers = [get(`/v1.0${location}`)]
    await simulator.clock.advance(45_000)
    answers.push(get(`/v1.0${location}`))
    await simulator.clock.advance(60_000)
    await Promise.all(answers)
    expect(simulator.journal.violations()).toMatchObject([{ type: 'check-too-early', gapMs: 0 }])
  })

  it.each([
    ['was refused', serverError(503)],
    ['was throttled', throttle({ retryAfter: '1' })],
    ['broke', dropConnection()],
    ['broke half way', dropConnection({ at: 'body' })],
    ['was malformed', malformedBody()],
    ['was empty', emptyBody()],
  ])('a check soon after one that %s', async (_what, behavior) => {
    const simulator = createSimulator({ behaviors: [times(1, behavior)] })
    const { get } = clientOf(simulator)
    const { location } = simulator.tenant.addOperation()
    await get(`/v1.0${location}`).catch(() => undefined)
    await simulator.clock.advance(20_000)
    await get(`/v1.0${location}`)
    expect(simulator.journal.violations()).toMatchObject([{ type: 'check-too-early', gapMs: 20_000 }])
  })

  it('a check soon after one that the client gave up', async () => {
    const simulator = createSimulator({ behaviors: [times(1, neverEnding({ at: 'answer' }))] })
    const { get } = clientOf(simulator)
    const { location } = simulator.tenant.addOperation()
    const leaving = new AbortController()
    const first = expect(get(`/v1.0${location}`, { signal: leaving.signal })).rejects.toThrow()
    await simulator.clock.advance(25_000)
    leaving.abort()
    await first
    await simulator.clock.advance(20_000)
    await get(`/v1.0${location}`)
    expect(simulator.journal.violations()).toMatchObject([{ type: 'check-too-early', gapMs: 20_000 }])
  })

  it('two checks of one operation in one batch', async () => {
    const simulator = createSimulator()
    const operation = simulator.tenant.addOperation()
    await clientOf(simulator).batch('v1.0', [checkItem('1', operation), checkItem('2', operation)])
    expect(simulator.journal.violations()).toMatchObject([{ type: 'check-too-early', gapMs: 0 }])
  })

  it('checks by another floor, where it is told so', async () => {
    const simulator = createSimulator({ journal: { checkFloorMs: 1_000 } })
    const { get } = clientOf(simulator)
    const { location } = simulator.tenant.addOperation()
    for (const waitMs of [1_000, 999]) {
      await get(`/v1.0${location}`)
      await simulator.clock.advance(waitMs)
    }
    await get(`/v1.0${location}`)
    expect(simulator.journal.violations()).toMatchObject([{ gapMs: 999, floorMs: 1_000 }])
  })

  it.each([
    ['10', 10_000],
    ['2.128', 2_128],
    ['Thu, 01 Jan 2026 00:00:20 GMT', 20_000],
    ['999999999', 3_600_000],
    ['0', 0],
    ['-5', 0],
    ['soon', 0],
    ['Wed, 01 Jan 2020 00:00:00 GMT', 0],
  ])('any request before a Retry-After of %s has passed, and none after it', async (retryAfter, boundMs) => {
    const simulator = createSimulator({ behaviors: [times(1, throttle({ retryAfter }))] })
    const { get } = clientOf(simulator)
    await get('/v1.0/me/joinedTeams')
    if (boundMs > 0) {
      await simulator.clock.advance(boundMs - 1)
      await get('/v1.0/me/chats')
    }
    await simulator.clock.advance(1)
    await get('/v1.0/me/chats')
    expect(simulator.journal.violations()).toMatchObject(
      boundMs > 0
        ? [{ type: 'request-during-retry-after', retryAfter, remainingMs: 1, askedBy: 1, sequence: 2 }]
        : [],
    )
  })

  it('a request during the Retry-After of an item, but not one that was under way', async () => {
    const simulator = createSimulator({ behaviors: [when(isItem, throttle({ retryAfter: '5' }))] })
    const { get, batch } = clientOf(simulator)
    const removed = simulator.use(when(({ target }) => target.route === 'chats', latency(2_000)))
    const underWay = get('/v1.0/me/chats')
    await batch('v1.0', [checkItem('1', simulator.tenant.addOperation())])
    await simulator.clock.advance(4_000)
    await underWay
    removed()
    expect(simulator.journal.violations()).toEqual([])
    await get('/v1.0/me/chats')
    expect(simulator.journal.violations()).toMatchObject([{ type: 'request-during-retry-after', askedBy: 3 }])
  })

  it('nothing in a Retry-After that the client did not get to see', async () => {
    const simulator = createSimulator({
      behaviors: [when(isBatch, malformedBody()), when(isItem, throttle({ retryAfter: '60' }))],
    })
    const { get, batch } = clientOf(simulator)
    await batch('v1.0', [checkItem('1', simulator.tenant.addOperation())])
    await get('/v1.0/me/chats')
    expect(simulator.journal.violations()).toEqual([])
  })

  it('more than 20 requests in a batch, and their checks as well', async () => {
    const simulator = createSimulator()
    const operations = Array.from({ length: 21 }, () => simulator.tenant.addOperation())
    await clientOf(simulator).batch(
      'v1.0',
      operations.map((operation, index) => checkItem(String(index), operation)),
    )
    expect(simulator.journal.violations()).toMatchObject([{ type: 'batch-too-large', size: 21 }])
    expect(simulator.journal.counts.checks).toBe(21)
  })

  it('operations that are read without the preference, alone, in lists and in batches', async () => {
    const simulator = createSimulator()
    const { get, batch } = clientOf(simulator)
    const [one, other] = [simulator.tenant.addOperation(), simulator.tenant.addOperation()]
    const headers = { prefer: '' }
    await get(`/v1.0${one.location}`, { headers })
    await get(`/v1.0/teams/${one.identity.ownerId}/operations`, { headers })
    await batch('v1.0', [{ id: '1', method: 'GET', url: other.location }])
    await get('/v1.0/me/joinedTeams', { headers })
    expect(simulator.journal.violations().map(({ type, sequence }) => [type, sequence])).toEqual([
      ['missing-prefer', 1],
      ['missing-prefer', 2],
      ['missing-prefer', 4],
    ])
  })

  it('a client-request-id that is missing or was used before', async () => {
    const simulator = createSimulator()
    const { get } = clientOf(simulator)
    for (const id of ['', 'one', 'two', 'one']) {
      await get('/v1.0/me/joinedTeams', { headers: { 'client-request-id': id } })
    }
    expect(simulator.journal.violations()).toMatchObject([
      { type: 'missing-client-request-id', sequence: 1 },
      { type: 'repeated-client-request-id', clientRequestId: 'one', sequence: 4 },
    ])
  })

  it('a token inside a batch', async () => {
    const simulator = createSimulator()
    const { tenant } = simulator
    const item = checkItem('1', tenant.addOperation())
    await clientOf(simulator).batch('v1.0', [
      { ...item, headers: { ...item.headers, Authorization: 'Bearer x' } },
    ])
    expect(simulator.journal.violations()).toMatchObject([{ type: 'foreign-token' }])
  })

  it('more than 4 requests a second for a team, 1 for a chat or channel, 30 for the tenant', async () => {
    const simulator = unlimited()
    const { get, batch } = clientOf(simulator)
    const team = simulator.tenant.addTeam()
    await batch(
      'v1.0',
      ['1', '2', '3', '4', '5'].map((id) =>
        checkItem(id, simulator.tenant.addOperation({ teamId: team.id })),
      ),
    )
    expect(simulator.journal.violations()).toMatchObject([
      { type: 'over-team-limit', resource: team.id, perSecond: 4, sequence: 6 },
    ])
    const chat = simulator.tenant.addChat()
    await get(`/beta/chats/${chat.id}`)
    await simulator.clock.advance(999)
    await get(`/beta/chats/${chat.id}`)
    expect(simulator.journal.violations('over-chat-limit')).toMatchObject([
      { resource: chat.id, perSecond: 1 },
    ])
    await simulator.clock.advance(1_000)
    for (let count = 0; count < 31; count++) await get('/beta/me/chats')
    expect(simulator.journal.violations('over-tenant-limit')).toMatchObject([
      { resource: 'get', perSecond: 30 },
    ])
  })

  it('the same start sent twice, unless something else was started for it in between', async () => {
    const simulator = createSimulator({
      behaviors: [times(1, throttle({ takesEffect: true, retryAfter: null }))],
    })
    const { post } = clientOf(simulator)
    const [one, other] = [simulator.tenant.addTeam(), simulator.tenant.addTeam()]
    const body = { shouldSetSpoSiteReadOnlyForMembers: true }
    const start = async (path: string, json?: unknown): Promise<void> => {
      await post(path, json)
      await simulator.clock.advance(10_000)
    }
    await start(`/v1.0/teams/${one.id}/archive`)
    await start(`/v1.0/teams/${other.id}/archive`)
    await start(`/v1.0/teams/${one.id}/unarchive`)
    await start(`/v1.0/teams/${one.id}/archive`)
    await start(`/v1.0/teams/${other.id}/archive`, body)
    expect(simulator.journal.violations()).toEqual([])
    await start(`/v1.0/teams/${other.id}/archive`, body)
    expect(simulator.journal.violations()).toMatchObject([
      { type: 'repeated-start', repeats: 5, sequence: 6 },
    ])
    await simulator.clock.advance(60_000)
    await start(`/v1.0/teams/${other.id}/archive`, body)
    expect(simulator.journal.violations()).toHaveLength(1)
    const team = {
      'template@odata.bind': "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
      displayName: 'New',
    }
    await start('/v1.0/teams', team)
    await start('/v1.0/teams', { ...team, displayName: 'Newer' })
    await start('/v1.0/teams', team)
    expect(simulator.journal.violations('repeated-start')).toMatchObject([{ repeats: 5 }, { repeats: 8 }])
  })
})

describe('what the journal keeps', () => {
  async function watchedFor(
    keep: 'all' | 'violations' | number,
  ): Promise<ReturnType<typeof unlimited>['journal']> {
    const simulator = unlimited({ journal: { keep } })
    const { get } = clientOf(simulator)
    const { location } = simulator.tenant.addOperation()
    for (let count = 0; count < 50; count++) {
      await get(`/v1.0${location}`)
      await simulator.clock.advance(count === 40 ? 20_000 : 31_000)
    }
    return simulator.journal
  }

  it('may be all, the latest, or nothing; what it finds is the same', async () => {
    const [all, latest, none] = [
      await watchedFor('all'),
      await watchedFor(10),
      await watchedFor('violations'),
    ]
    expect([all, latest, none].map(({ entries }) => entries.length)).toEqual([50, 10, 0])
    expect(latest.entries.map(({ sequence }) => sequence)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50])
    for (const journal of [all, latest, none]) {
      expect(journal.violations()).toMatchObject([{ type: 'check-too-early', gapMs: 20_000, sequence: 42 }])
      expect(journal.counts.checks).toBe(50)
      expect(journal.maxChecksInWindow(60_000)).toBe(3)
      expect([...journal.checkSummaries()]).toMatchObject([
        { checks: 50, shortestGapMs: 20_000, longestGapMs: 31_000 },
      ])
    }
  })

  it('counts violations also where it no longer keeps them', async () => {
    const simulator = unlimited({ journal: { keep: 'violations' } })
    const { location } = simulator.tenant.addOperation()
    const init = { headers: { authorization: 'Bearer x' } }
    for (let count = 0; count < 5_100; count++)
      await simulator.fetch(simulator.origin + `/v1.0${location}`, init)
    expect(simulator.journal.violations()).toHaveLength(10_000)
    expect(simulator.journal.violationCount('missing-prefer')).toBe(5_100)
    expect(simulator.journal.violationCount('check-too-early')).toBe(5_099)
    expect(simulator.journal.violationCount()).toBeGreaterThan(15_000)
  })
})
