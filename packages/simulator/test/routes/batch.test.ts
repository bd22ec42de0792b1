import { describe, expect, it } from 'vitest'
import { createSimulator } from '../../src/index.ts'
import { checkItem, clientOf, itemsOf, type BatchRequest } from '../test-client.ts'

const json = { 'Content-Type': 'application/json' }

describe('a batch', () => {
  it('answers every item with its id, in another order than it was asked', async () => {
    const { tenant, ...simulator } = createSimulator()
    const operations = Array.from({ length: 20 }, () => tenant.addOperation())
    const answer = await clientOf({ tenant, ...simulator }).batch(
      'v1.0',
      operations.map((operation, index) => checkItem(String(index), operation)),
    )
    expect(answer.status).toBe(200)
    const { responses } = (await answer.json()) as { responses: { id: string; body: { id: string } }[] }
    expect(responses.map(({ id }) => Number(id))).not.toEqual(operations.map((_, index) => index))
    for (const { id, body } of responses) expect(body.id).toBe(operations[Number(id)]?.id)
    expect(new Set(responses.map(({ id }) => id)).size).toBe(20)
  })

  it('puts the Location of a start, the preference applied and the content type into the headers of the item', async () => {
    const { tenant, ...simulator } = createSimulator()
    const [team, operation] = [tenant.addTeam(), tenant.addOperation()]
    const items = await itemsOf(
      clientOf({ tenant, ...simulator }).batch('v1.0', [
        { id: 'start', method: 'POST', url: `/teams/${team.id}/archive`, headers: json, body: {} },
        checkItem('check', operation),
        { id: 'missing', method: 'GET', url: `teams/${team.id}/operations/${crypto.randomUUID()}` },
      ]),
    )
    expect(items.get('start')).toMatchObject({
      status: 202,
      headers: { Location: expect.stringContaining(team.id) },
    })
    expect(items.get('start')).not.toHaveProperty('body')
    expect(items.get('check')).toMatchObject({
      status: 200,
      headers: { 'Preference-Applied': 'include-unknown-enum-members', 'Odata-Version': '4.0' },
      body: { id: operation.id },
    })
    expect(items.get('missing')).toMatchObject({ status: 404, body: { error: { code: 'NotFound' } } })
  })

  it('belongs to the version of its own URL', async () => {
    const simulator = createSimulator()
    const operation = simulator.tenant.addOperation({ operationType: 'createChat' })
    const { batch } = clientOf(simulator)
    expect((await itemsOf(batch('v1.0', [checkItem('1', operation)]))).get('1')?.status).toBe(400)
    await simulator.clock.advance(31_000)
    expect((await itemsOf(batch('beta', [checkItem('1', operation)]))).get('1')?.status).toBe(200)
  })

  it('throttles its items one by one, with a Retry-After in the item', async () => {
    const simulator = createSimulator()
    const team = simulator.tenant.addTeam()
    const items = await itemsOf(
      clientOf(simulator).batch(
        'v1.0',
        ['1', '2', '3', '4', '5'].map((id) =>
          checkItem(id, simulator.tenant.addOperation({ teamId: team.id })),
        ),
      ),
    )
    const throttled = [...items.values()].filter(({ status }) => status === 429)
    expect(throttled).toMatchObject([
      { headers: { 'Retry-After': '10' }, body: { error: { code: 'TooManyRequests' } } },
    ])
  })

  it('answers 424 for what depends on an item that failed, and for what depends on that', async () => {
    const simulator = createSimulator()
    const team = simulator.tenant.addTeam()
    const get = (id: string, url: string, dependsOn: string[] = []): BatchRequest => ({
      id,
      method: 'GET',
      url,
      dependsOn,
    })
    const items = await itemsOf(
      clientOf(simulator).batch('v1.0', [
        get('C', `/teams/${team.id}`, ['b']),
        get('b', `/teams/${team.id}`, ['A']),
        get('a', `/teams/${crypto.randomUUID()}`),
        get('d', '/me/joinedTeams'),
        get('e', '/me/joinedTeams', ['D']),
      ]),
    )
    expect(Object.fromEntries([...items].map(([id, { status }]) => [id, status]))).toEqual({
      C: 424,
      a: 404,
      b: 424,
      d: 200,
      e: 200,
    })
  })

  const good: BatchRequest = { id: '1', method: 'GET', url: '/me/joinedTeams' }
  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{"requests":[', /Invalid batch payload/],
    ['no array of requests', { requests: {} }, /Invalid batch payload/],
    ['no requests', { requests: [] }, /no requests/],
    [
      '21 requests',
      { requests: Array.from({ length: 21 }, (_, id) => ({ ...good, id: String(id) })) },
      /maximum value of 20/,
    ],
    [
      'the same id in another case',
      {
        requests: [
          { ...good, id: 'a' },
          { ...good, id: 'A' },
        ],
      },
      /not unique/,
    ],
    ['an id that is a number', { requests: [{ ...good, id: 1 }] }, /id/],
    ['an empty id', { requests: [{ ...good, id: '' }] }, /id/],
    ['no method', { requests: [{ id: '1', url: '/me/joinedTeams' }] }, /method/],
    ['no url', { requests: [{ id: '1', method: 'GET' }] }, /relative url/],
    [
      'an absolute url',
      { requests: [{ ...good, url: 'https://graph.simulator.example/v1.0/me/joinedTeams' }] },
      /relative url/,
    ],
    [
      'a url without a scheme',
      { requests: [{ ...good, url: '//elsewhere.example/v1.0/me' }] },
      /relative url/,
    ],
    ['a url that leaves the version', { requests: [{ ...good, url: '/../beta/chats' }] }, /relative url/],
    [
      'a batch in it',
      { requests: [{ ...good, method: 'POST', url: '/$batch', headers: json, body: {} }] },
      /batch within a batch/,
    ],
    [
      'a write without a body',
      { requests: [{ ...good, method: 'POST', headers: json }] },
      /Content-Type header or body/,
    ],
    [
      'a write without headers',
      { requests: [{ ...good, method: 'POST', body: {} }] },
      /Content-Type header or body/,
    ],
    ['a header that is a number', { requests: [{ ...good, headers: { Prefer: 1 } }] }, /headers/],
    ['headers that are a list', { requests: [{ ...good, headers: [] }] }, /headers/],
    ['a dependency on nothing', { requests: [{ ...good, dependsOn: ['2'] }] }, /depends on/],
    ['a dependency on itself', { requests: [{ ...good, dependsOn: ['1'] }] }, /depends on/],
    ['a dependency that is no list', { requests: [{ ...good, dependsOn: '1' }] }, /dependsOn/],
    ['something else than a request', { requests: [null] }, /not an object/],
  ])('is refused as a whole for %s', async (_what, body, message) => {
    const simulator = createSimulator()
    const answer = await clientOf(simulator).post('/v1.0/$batch', body)
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { code: 'BadRequest', message: expect.stringMatching(message) } },
    ])
  })

  it('needs one token, and its items need none', async () => {
    const simulator = createSimulator()
    const answer = await simulator.fetch(`${simulator.origin}/v1.0/$batch`, {
      method: 'POST',
      body: JSON.stringify({ requests: [{ ...good, headers: { Authorization: 'Bearer inside' } }] }),
    })
    expect(answer.status).toBe(401)
  })

  it('asked with the same seed is answered in the same order', async () => {
    const order = async (): Promise<string[]> => {
      const simulator = createSimulator({ seed: 5 })
      const requests = ['1', '2', '3', '4', '5', '6'].map((id) => ({ ...good, id }))
      return [...(await itemsOf(clientOf(simulator).batch('v1.0', requests))).keys()]
    }
    expect(await order()).toEqual(await order())
  })
})
