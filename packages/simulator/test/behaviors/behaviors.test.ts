import { describe, expect, it } from 'vitest'
import {
  acceptedAs,
  brokenItem,
  compose,
  createSimulator,
  dropConnection,
  duplicateItem,
  emptyBody,
  foreignNextLink,
  isBatch,
  isCheck,
  isCheckOf,
  isItem,
  isList,
  isStart,
  lateReplication,
  latency,
  malformedBody,
  missingItem,
  neverEnding,
  purge,
  refuse,
  serverError,
  stuck,
  throttle,
  times,
  when,
  withProbability,
  wrongStructure,
  type Behavior,
  type LocationSpelling,
} from '../../src/index.ts'
import { checkItem, clientOf, itemsOf, jsonOf, unlimited, type TestClient } from '../test-client.ts'

const list = '/v1.0/me/joinedTeams'

function faulty(...behaviors: readonly Behavior[]): ReturnType<typeof unlimited> & TestClient {
  const simulator = unlimited({ behaviors })
  return { ...simulator, ...clientOf(simulator) }
}

describe('throttle', () => {
  it.each(['10', '2.128', '0', '-1', '999999999', 'Thu, 01 Jan 2026 00:00:20 GMT', 'soon', ''])(
    'answers 429 with the Retry-After %j as it is',
    async (retryAfter) => {
      const answer = await faulty(throttle({ retryAfter })).get(list)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, retryAfter])
      expect(await answer.json()).toMatchObject({ error: { code: 'TooManyRequests' } })
    },
  )

  it('leaves the header out, or asks for it every time', async () => {
    expect((await faulty(throttle({ retryAfter: null })).get(list)).headers.has('retry-after')).toBe(false)
    const inAMinute = faulty(
      throttle({ retryAfter: ({ clock }) => new Date(clock.now() + 60_000).toUTCString() }),
    )
    expect((await inAMinute.get(list)).headers.get('retry-after')).toBe('Thu, 01 Jan 2026 00:01:00 GMT')
  })

  it.each([false, true])(
    'lets the request take effect all the same where it is told to: %s',
    async (takesEffect) => {
      const { tenant, post } = faulty(throttle({ takesEffect }))
      expect((await post(`/v1.0/teams/${tenant.addTeam().id}/archive`)).status).toBe(429)
      expect([...tenant.operations()]).toHaveLength(takesEffect ? 1 : 0)
    },
  )
})

describe('errors', () => {
  it.each([408, 500, 502, 503, 504, 509] as const)(
    'of the service: %i, in the shape of Graph',
    async (status) => {
      const answer = await faulty(serverError(status, { retryAfter: '7' })).get(list)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, '7'])
      expect(await answer.json()).toMatchObject({
        error: { code: expect.any(String), innerError: { 'request-id': answer.headers.get('request-id') } },
      })
    },
  )

  it('may come though the request has taken effect', async () => {
    const { tenant, post } = faulty(serverError(504, { takesEffect: true }))
    await post(`/v1.0/teams/${tenant.addTeam().id}/archive`)
    expect([...tenant.operations()]).toHaveLength(1)
  })

  it('that last', async () => {
    const answer = await faulty(refuse(403, 'Forbidden', 'Missing role permissions.')).get(list)
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: 'Forbidden' } }])
  })
})

describe('connections', () => {
  it('answer late, by a fixed or a random time, though what is asked is done at once', async () => {
    const { tenant, clock, journal, post } = faulty(latency([1_000, 2_000]))
    const answer = post(`/v1.0/teams/${tenant.addTeam().id}/archive`)
    await clock.advance(0)
    expect([...tenant.operations()]).toHaveLength(1)
    await clock.advance(2_000)
    expect((await answer).status).toBe(202)
    const tookMs = journal.entries.map(({ startedAt, endedAt = 0 }) => endedAt - startedAt)
    expect(tookMs).toEqual([expect.toSatisfy((ms: number) => ms >= 1_000 && ms <= 2_000)])
  })

  it('break before the request, before the answer, or in its middle', async () => {
    const lost = faulty(dropConnection())
    await expect(lost.post(`/v1.0/teams/${lost.tenant.addTeam().id}/archive`)).rejects.toThrow(TypeError)
    expect([...lost.tenant.operations()]).toHaveLength(0)
    const unanswered = faulty(dropConnection({ at: 'answer' }))
    await expect(unanswered.post(`/v1.0/teams/${unanswered.tenant.addTeam().id}/archive`)).rejects.toThrow(
      TypeError,
    )
    expect([...unanswered.tenant.operations()]).toHaveLength(1)
    expect(unanswered.journal.entries).toMatchObject([{ outcome: 'broken', status: undefined }])
    const cut = await faulty(dropConnection({ at: 'body' })).get(list)
    expect(cut.status).toBe(200)
    await expect(cut.text()).rejects.toThrow('fetch failed')
  })

  it('stay open without an answer, or with half of one', async () => {
    const leaving = new AbortController()
    const silent = faulty(neverEnding({ at: 'answer' }))
    const nothing = expect(silent.get(list, { signal: leaving.signal })).rejects.toThrow()
    await silent.clock.advance(86_400_000)
    expect(silent.journal.entries).toMatchObject([{ outcome: 'pending' }])
    leaving.abort()
    await nothing

    const stalled = await faulty(neverEnding()).get(list)
    const reader = stalled.body?.getReader()
    const first = await reader?.read()
    expect(new TextDecoder().decode(first?.value)).toMatch(/^{"@odata/)
    const more = await Promise.race([
      reader?.read(),
      new Promise((resolve) => setImmediate(resolve, 'nothing')),
    ])
    expect(more).toBe('nothing')
    await reader?.cancel()
  })
})

describe('bodies', () => {
  it('are malformed: half of the right one, or any text', async () => {
    const half = await (await faulty(malformedBody()).get(list)).text()
    expect(half).toMatch(/^{"@odata\.context"/)
    expect(() => JSON.parse(half) as unknown).toThrow(SyntaxError)
    const page = await faulty(malformedBody('<html>')).get(list)
    expect([page.headers.get('content-type'), await page.text()]).toEqual(['application/json', '<html>'])
  })

  it('are empty, though the headers promise JSON', async () => {
    const answer = await faulty(emptyBody()).get(list)
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'application/json',
      '',
    ])
  })

  it('have another structure', async () => {
    expect(await (await faulty(wrongStructure()).get(list)).json()).toEqual({ value: [] })
    expect(await (await faulty(wrongStructure(null)).get(list)).json()).toBeNull()
  })

  it('lead lists to another origin', async () => {
    const { get, tenant } = faulty(foreignNextLink('https://elsewhere.example'))
    for (let count = 0; count < 3; count++) tenant.addTeam()
    const page = await jsonOf(get(`${list}?$top=1`))
    expect(page['@odata.nextLink']).toMatch(
      /^https:\/\/elsewhere\.example\/v1\.0\/me\/joinedTeams\?\$skiptoken=/,
    )
    expect((await jsonOf(get(list)))['@odata.nextLink']).toBe(`https://elsewhere.example${list}`)
    expect(await jsonOf(get(`/v1.0/teams/${tenant.addTeam().id}`))).not.toHaveProperty(['@odata.nextLink'])
  })
})

describe('operations', () => {
  it('are not there for a while after their start', async () => {
    const { get, tenant, clock } = faulty(lateReplication(5_000))
    const { location } = tenant.addOperation()
    expect((await get(`/v1.0${location}`)).status).toBe(404)
    await clock.advance(4_999)
    expect((await get(`/v1.0${location}`)).status).toBe(404)
    await clock.advance(1)
    expect((await get(`/v1.0${location}`)).status).toBe(200)
    expect((await get(list)).status).toBe(200)
  })

  it.each([404, 410] as const)('are gone with %i from some time on', async (status) => {
    const { get, tenant, clock } = faulty(purge({ afterMs: 60_000, status }))
    const { location } = tenant.addOperation()
    await clock.advance(59_999)
    expect((await get(`/v1.0${location}`)).status).toBe(200)
    await clock.advance(1)
    expect((await get(`/v1.0${location}`)).status).toBe(status)
  })

  it('seem stuck, though what they do is done', async () => {
    const { get, tenant, clock } = faulty(stuck())
    const { location, identity } = tenant.addOperation()
    await clock.advance(60_000)
    expect(await jsonOf(get(`/v1.0${location}`))).toMatchObject({ status: 'inProgress', error: null })
    expect(await jsonOf(get(`/v1.0/teams/${identity.ownerId}`))).toMatchObject({ isArchived: true })
  })
})

describe('a 202', () => {
  async function headersOf(
    options: Parameters<typeof acceptedAs>[0],
    path = 'archive',
  ): Promise<Record<string, string>> {
    const { tenant, post } = faulty(acceptedAs(options))
    const id = 'd40d729b-df60-4b57-ac8f-102595090e0a'
    tenant.addTeam({ id })
    const answer = await post(`/v1.0/teams/${id}/${path}`)
    expect([answer.status, await answer.text()]).toEqual([202, ''])
    return Object.fromEntries(answer.headers)
  }
  const team = 'd40d729b-df60-4b57-ac8f-102595090e0a'
  const guid = '[0-9a-f-]{36}'

  it.each<[LocationSpelling, string]>([
    ['quoted', `^/teams\\('${team}'\\)/operations\\('${guid}'\\)$`],
    ['bare', `^/teams\\(${team}\\)/operations\\(${guid}\\)$`],
    ['slash', `^/teams/${team}/operations/${guid}$`],
    ['unbalanced', `^/teams${team}/operations\\(${guid}\\)$`],
    ['group', `^/groups\\(${team}\\)/team/operations\\(${guid}\\)$`],
    ['encoded', `^/teams/${team}/operations/${guid}$`],
    [
      'absolute',
      `^https://graph\\.simulator\\.example/v1\\.0/teams\\('${team}'\\)/operations\\('${guid}'\\)$`,
    ],
  ])('spells its Location %s', async (spelling, pattern) => {
    expect((await headersOf({ spelling }))['location']).toMatch(new RegExp(pattern))
  })

  it('encodes the identifiers of chats', async () => {
    const { post } = faulty(acceptedAs({ spelling: 'encoded' }))
    const answer = await post('/beta/chats', {
      chatType: 'group',
      members: [{ 'user@odata.bind': 'a' }, { 'user@odata.bind': 'b' }],
      installedApps: [
        { 'teamsApp@odata.bind': 'https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/an-app' },
      ],
    })
    expect(answer.headers.get('location')).toMatch(
      /^\/chats\/19%3A[0-9a-f]{32}%40thread\.v2\/operations\/[0-9a-f-]{110}$/,
    )
  })

  it('has it in another header, or nowhere, and promises JSON', async () => {
    expect(await headersOf({ header: 'content-location', contentType: 'application/json' })).toMatchObject({
      'content-location': expect.stringContaining('/operations('),
      'content-type': 'application/json',
    })
    const none = await headersOf({ header: 'none' })
    expect(none).not.toHaveProperty('location')
    expect(none).not.toHaveProperty('content-location')
  })

  it('leaves any other answer alone', async () => {
    expect((await faulty(acceptedAs({ header: 'none' })).get(list)).status).toBe(200)
  })
})

describe('items of batches', () => {
  async function batchWith(behavior: Behavior): Promise<{ responses: Record<string, unknown>[] }> {
    const { tenant, batch } = faulty(behavior)
    const items = ['1', '2', '3'].map((id) => checkItem(id, tenant.addOperation()))
    return (await (await batch('v1.0', items)).json()) as { responses: Record<string, unknown>[] }
  }
  const onSecond = (behavior: Behavior): Behavior => when(({ item }) => item?.id === '2', behavior)

  it('are missing, come twice, or are broken', async () => {
    const missing = await batchWith(onSecond(missingItem()))
    expect(missing.responses.map(({ id }) => id).toSorted((a, b) => Number(a) - Number(b))).toEqual([
      '1',
      '3',
    ])
    const twice = await batchWith(onSecond(duplicateItem()))
    expect(twice.responses.filter(({ id }) => id === '2')).toHaveLength(2)
    const broken = await batchWith(onSecond(brokenItem()))
    expect(broken.responses).toContainEqual({ id: '2' })
    const strange = await batchWith(onSecond(brokenItem(() => null)))
    expect(strange.responses).toContain(null)
  })

  it('are missing where their connection breaks, and hold up the batch where they never end', async () => {
    expect((await batchWith(onSecond(dropConnection()))).responses).toHaveLength(2)
    const { tenant, batch, clock, journal, close } = faulty(onSecond(neverEnding()))
    const items = ['1', '2'].map((id) => checkItem(id, tenant.addOperation()))
    const answer = expect(batch('v1.0', items)).rejects.toThrow()
    await clock.advance(60_000)
    expect(journal.entries.map(({ outcome }) => outcome)).toEqual(['pending', 'pending', 'pending'])
    await close()
    await answer
  })

  it('have malformed and empty bodies of their own', async () => {
    expect((await batchWith(onSecond(malformedBody('{"id":')))).responses).toContainEqual(
      expect.objectContaining({ id: '2', body: '{"id":' }),
    )
    const empty = (await batchWith(onSecond(emptyBody()))).responses.find(({ id }) => id === '2')
    expect(empty).toMatchObject({ status: 200 })
    expect(empty).not.toHaveProperty('body')
  })

  it('do not exist for requests outside of batches', async () => {
    const { get } = faulty(missingItem(), duplicateItem(), brokenItem())
    expect((await get(list)).status).toBe(200)
  })
})

describe('combinators', () => {
  it('narrow a behavior to what is asked for', async () => {
    const seen: string[] = []
    const note =
      (name: string): Behavior =>
      (_exchange, next) => {
        seen.push(name)
        return next()
      }
    const { tenant, get, post, batch } = faulty(
      when(isCheck, note('check')),
      when(isList, note('list')),
      when(isStart, note('start')),
      when(isBatch, note('batch')),
      when(isItem, note('item')),
    )
    const operation = tenant.addOperation()
    await get(`/v1.0${operation.location}`)
    await get(`/v1.0/teams/${operation.identity.ownerId}/operations`)
    await post(`/v1.0/teams/${operation.identity.ownerId}/archive`)
    await batch('v1.0', [checkItem('1', operation)])
    await get(list)
    expect(seen).toEqual(['check', 'list', 'start', 'batch', 'check', 'item'])
  })

  it('narrow it to one operation, whatever its spelling', async () => {
    const { tenant, get, use } = faulty()
    const [one, other] = [tenant.addOperation(), tenant.addOperation()]
    use(when(isCheckOf(`/teams/${one.identity.ownerId.toUpperCase()}/operations/${one.id}`), serverError()))
    expect((await get(`/v1.0${one.location}`)).status).toBe(503)
    expect((await get(`/v1.0${other.location}`)).status).toBe(200)
  })

  it('limit it to the first times', async () => {
    const { get } = faulty(times(2, serverError()))
    expect([await get(list), await get(list), await get(list)].map(({ status }) => status)).toEqual([
      503, 503, 200,
    ])
  })

  it('let it happen to a share of the requests, the same ones with the same seed', async () => {
    const statuses = async (seed: number): Promise<number[]> => {
      const { get } = clientOf(unlimited({ seed, behaviors: [withProbability(0.3, serverError())] }))
      const all: number[] = []
      for (let count = 0; count < 200; count++) all.push((await get(list)).status)
      return all
    }
    const first = await statuses(1)
    const failed = first.filter((status) => status === 503).length
    expect(failed).toBeGreaterThan(35)
    expect(failed).toBeLessThan(85)
    expect(await statuses(1)).toEqual(first)
    expect(await statuses(2)).not.toEqual(first)
    expect(() => withProbability(1.1, serverError())).toThrow(RangeError)
  })

  it('put several together, the first outermost', async () => {
    const order: string[] = []
    const note =
      (name: string): Behavior =>
      async (_exchange, next) => {
        order.push(`${name} in`)
        const reply = await next()
        order.push(`${name} out`)
        return reply
      }
    await faulty(compose(note('a'), note('b')), note('c')).get(list)
    expect(order).toEqual(['a in', 'b in', 'c in', 'c out', 'b out', 'a out'])
  })

  it('can be added and taken out while it runs', async () => {
    const { get, use } = faulty()
    const remove = use(serverError())
    expect((await get(list)).status).toBe(503)
    remove()
    remove()
    expect((await get(list)).status).toBe(200)
  })
})

it('a fault goes before the token and the limits', async () => {
  const simulator = createSimulator({ behaviors: [times(1, serverError(500))] })
  expect((await simulator.fetch(`${simulator.origin}${list}`)).status).toBe(500)
  expect((await simulator.fetch(`${simulator.origin}${list}`)).status).toBe(401)
})

it('items of batches go through the behaviors one by one', async () => {
  const { tenant, batch } = faulty(when(isItem, times(1, throttle({ retryAfter: '3' }))))
  const items = await itemsOf(
    batch(
      'v1.0',
      ['1', '2'].map((id) => checkItem(id, tenant.addOperation())),
    ),
  )
  expect([...items.values()].map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 429])
})
