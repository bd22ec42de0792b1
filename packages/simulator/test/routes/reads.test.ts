import { describe, expect, it } from 'vitest'
import type { Simulator } from '../../src/index.ts'
import { clientOf, jsonOf, unlimited } from '../test-client.ts'

describe('an operation of a team', () => {
  it.each(['v1.0', 'beta'])('is read in %s by every form of its path', async (version) => {
    const simulator = unlimited()
    const operation = simulator.tenant.addOperation({ operationType: 'archiveTeam' })
    const { ownerId: team, id } = operation.identity
    const paths = [
      `/teams/${team}/operations/${id}`,
      `/teams('${team}')/operations('${id}')`,
      `/teams(${team})/operations(${id})`,
      `/Teams('${team.toUpperCase()}')/Operations/${id}`,
      `/groups/${team}/team/operations/${id}`,
      `/groups(${team})/team/operations(${id})`,
    ]
    const joined = [
      `/me/joinedTeams/${team}/operations/${id}`,
      `/me/joinedTeams('${team}')/operations('${id}')`,
      `/users/ada/joinedTeams/${team}/operations/${id}`,
    ]
    for (const path of paths) {
      expect(await jsonOf(clientOf(simulator).get(`/${version}${path}`)), path).toMatchObject({ id })
    }
    for (const path of joined) {
      // The metadata of beta does not have these.
      expect((await clientOf(simulator).get(`/${version}${path}`)).status, path).toBe(
        version === 'beta' ? 400 : 200,
      )
    }
  })

  it('can be read before the team that it creates', async () => {
    const simulator = unlimited()
    const operation = simulator.tenant.addOperation({ operationType: 'createTeam' })
    const { get } = clientOf(simulator)
    expect((await get(`/v1.0/teams/${operation.identity.ownerId}`)).status).toBe(404)
    expect(await jsonOf(get(`/v1.0${operation.location}`))).toMatchObject({
      status: 'notStarted',
      targetResourceId: operation.identity.ownerId,
      Value: expect.stringMatching(/^{"apps":\[\],"channels":\[\],"WorkflowId":"[a-z]+\.[0-9a-f-]{36}"}$/),
    })
  })

  it('has its properties in the recorded order, a context, and a time in seven fractional digits', async () => {
    const simulator = unlimited()
    const operation = simulator.tenant.addOperation()
    const json = await jsonOf(clientOf(simulator).get(`/v1.0${operation.location}`))
    expect(Object.keys(json)).toEqual([
      '@odata.context',
      'id',
      'operationType',
      'createdDateTime',
      'status',
      'lastActionDateTime',
      'attemptsCount',
      'targetResourceId',
      'targetResourceLocation',
      'Value',
      'error',
    ])
    expect(json['@odata.context']).toBe(
      `${simulator.origin}/v1.0/$metadata#teams('${operation.identity.ownerId}')/operations/$entity`,
    )
    expect(json['createdDateTime']).toMatch(/^2025-12-31T23:59:5\d\.\d{7}Z$/)
    expect(json['lastActionDateTime']).toBe(json['createdDateTime'])
  })

  it('is reduced to what $select names', async () => {
    const simulator = unlimited()
    const { location } = simulator.tenant.addOperation()
    const json = await jsonOf(clientOf(simulator).get(`/v1.0${location}?$select=id,status`))
    expect(Object.keys(json)).toEqual(['@odata.context', 'id', 'status'])
    expect(json['@odata.context']).toMatch(/operations\(id,status\)\/\$entity$/)
  })

  it('answers 404 while it is not replicated, and 404 or 410 when it was purged', async () => {
    const simulator = unlimited()
    const { get } = clientOf(simulator)
    const late = simulator.tenant.addOperation({
      script: { replicationMs: 4_000, inProgressMs: 5_000, purgeAfterMs: 0 },
    })
    const gone = simulator.tenant.addOperation({
      script: { inProgressMs: 0, purgeAfterMs: 0, purgeStatus: 410 },
    })
    expect((await get(`/v1.0${late.location}`)).status).toBe(404)
    expect(await jsonOf(get(`/v1.0${gone.location}`))).toMatchObject({ error: { code: 'Gone' } })
    await simulator.clock.advance(4_000)
    expect((await get(`/v1.0${late.location}`)).status).toBe(200)
    await simulator.clock.advance(1_000)
    const purged = await get(`/v1.0${late.location}`)
    expect([purged.status, await purged.json()]).toMatchObject([
      404,
      { error: { code: 'NotFound', innerError: { code: 'ItemNotFound' } } },
    ])
  })

  it('is not there under another team', async () => {
    const simulator = unlimited()
    const [one, other] = [simulator.tenant.addOperation(), simulator.tenant.addTeam()]
    expect((await clientOf(simulator).get(`/v1.0/teams/${other.id}/operations/${one.id}`)).status).toBe(404)
  })
})

describe('an operation of a chat', () => {
  it('is known to beta only', async () => {
    const simulator = unlimited({ script: { inProgressMs: 3_000 } })
    const { get } = clientOf(simulator)
    const operation = simulator.tenant.addOperation({ chatId: '19:c253a29b@thread.v2' })
    expect(await jsonOf(get(`/v1.0${operation.location}`))).toMatchObject({
      error: { code: 'BadRequest', message: "Resource not found for the segment 'operations'." },
    })
    for (const owner of [
      "/chats('19:c253a29b@thread.v2')",
      '/me/chats/19%3Ac253a29b%40thread.v2',
      '/users/ada/chats/19:c253a29b@thread.v2',
    ]) {
      expect(await jsonOf(get(`/beta${owner}/operations/${operation.id}`)), owner).toMatchObject({
        id: operation.id,
      })
    }
  })

  it('has `values` for `Value`, and a last action after its creation once it is done', async () => {
    const simulator = unlimited({ script: { inProgressMs: 3_281 } })
    const { get } = clientOf(simulator)
    const { location } = simulator.tenant.addOperation({ operationType: 'createChat' })
    const before = await jsonOf(get(`/beta${location}`))
    expect(before).not.toHaveProperty('Value')
    expect(before['values']).toMatch(/^{"appIds":\["[0-9a-f-]{36}"\]}$/)
    await simulator.clock.advance(30_000)
    const { createdDateTime, lastActionDateTime } = await jsonOf(get(`/beta${location}`))
    const [created = '', last = ''] = [createdDateTime, lastActionDateTime].map(String)
    expect(Date.parse(last) - Date.parse(created)).toBe(3_281)
    expect(last).toMatch(/\.\d{7}Z$/)
  })
})

describe('members of evolvable enumerations', () => {
  const types = [
    ['cloneTeam', 'cloneTeam'],
    ['archiveTeam', 'archiveTeam'],
    ['unarchiveTeam', 'unarchiveTeam'],
    ['createTeam', 'createTeam'],
    ['teamifyGroup', 'unknownFutureValue'],
    ['createChannel', 'unknownFutureValue'],
    ['archiveChannel', 'unknownFutureValue'],
    ['unarchiveChannel', 'unknownFutureValue'],
    ['somethingNewer', 'unknownFutureValue'],
  ]
  it.each(types)('%s is %s to a client without the preference', async (operationType, shown) => {
    const simulator = unlimited()
    const { location } = simulator.tenant.addOperation({ operationType })
    const { get } = clientOf(simulator)
    const plain = await get(`/v1.0${location}`, { headers: { prefer: '' } })
    expect(await plain.json()).toMatchObject({ operationType: shown })
    expect(plain.headers.get('preference-applied')).toBeNull()
    const preferring = await get(`/v1.0${location}`, {
      headers: { prefer: 'return=minimal, Include-Unknown-Enum-Members' },
    })
    expect(await preferring.json()).toMatchObject({ operationType })
    expect(preferring.headers.get('preference-applied')).toBe('include-unknown-enum-members')
  })

  it('are hidden for the chats of beta as well', async () => {
    const simulator = unlimited()
    const { location } = simulator.tenant.addOperation({ operationType: 'createChat' })
    const plain = clientOf(simulator).get(`/beta${location}`, { headers: { prefer: '' } })
    expect(await jsonOf(plain)).toMatchObject({ operationType: 'unknownFutureValue' })
  })

  it('are hidden among statuses as well', async () => {
    const simulator = unlimited()
    const script = { steps: [{ status: 'skipped', forMs: 1_000 }] }
    const { location } = simulator.tenant.addOperation({ script })
    const plain = clientOf(simulator).get(`/v1.0${location}`, { headers: { prefer: '' } })
    expect(await jsonOf(plain)).toMatchObject({ status: 'unknownFutureValue' })
    expect(await jsonOf(clientOf(simulator).get(`/v1.0${location}`))).toMatchObject({ status: 'skipped' })
  })
})

describe('a list of operations', () => {
  function withOperations(count: number): { simulator: Simulator; team: string; ids: string[] } {
    const simulator = unlimited()
    const team = simulator.tenant.addTeam().id
    const ids = Array.from({ length: count }, () => simulator.tenant.addOperation({ teamId: team }).id)
    return { simulator, team, ids }
  }

  it.each([
    ['', [20, 20, 5]],
    ['?$top=30', [30, 15]],
    ['?$top=45', [45]],
    ['?$top=20&$skip=10', [20, 15]],
    ['?$skip=50', [0]],
  ])('comes in pages, which the links lead through without loss: %s', async (query, sizes) => {
    const { simulator, team, ids } = withOperations(45)
    const found: unknown[] = []
    const pages: number[] = []
    let url: string | undefined = `/v1.0/teams/${team}/operations${query}`
    while (url !== undefined) {
      const page: Record<string, unknown> = await jsonOf(clientOf(simulator).get(url))
      const value = page['value'] as { id: string }[]
      pages.push(value.length)
      found.push(...value.map(({ id }) => id))
      url = page['@odata.nextLink'] as string | undefined
      if (url !== undefined)
        expect(url).toMatch(/^https:\/\/graph\.simulator\.example\/v1\.0\/teams\/.+\$skiptoken=/)
    }
    expect(pages).toEqual(sizes)
    expect(found).toEqual(ids.slice(45 - sizes.reduce((sum, size) => sum + size, 0)))
  })

  it('tells how many there are where it is asked', async () => {
    const { simulator, team } = withOperations(3)
    const { get } = clientOf(simulator)
    expect(await jsonOf(get(`/v1.0/teams/${team}/operations?$count=true&$top=1`))).toMatchObject({
      '@odata.count': 3,
    })
    expect(await jsonOf(get(`/v1.0/teams/${team}/operations`))).not.toHaveProperty(['@odata.count'])
    const count = await get(`/v1.0/teams/${team}/operations/$count`)
    expect([await count.text(), count.headers.get('content-type')]).toEqual(['3', 'text/plain'])
  })

  it('leaves out what cannot be read', async () => {
    const { simulator, team } = withOperations(1)
    simulator.tenant.addOperation({ teamId: team, script: { replicationMs: 60_000 } })
    expect((await jsonOf(clientOf(simulator).get(`/v1.0/teams/${team}/operations`)))['value']).toHaveLength(1)
  })

  it('is filtered by status and type, by hidden members only with the preference', async () => {
    const { simulator, team } = withOperations(2)
    const { get } = clientOf(simulator)
    simulator.tenant.addOperation({
      teamId: team,
      operationType: 'archiveChannel',
      script: { inProgressMs: 0 },
    })
    const list = `/v1.0/teams/${team}/operations?$filter=`
    expect((await jsonOf(get(`${list}status eq 'succeeded'`)))['value']).toHaveLength(1)
    expect(
      (await jsonOf(get(`${list}status eq 'inProgress' and operationType eq 'archiveTeam'`)))['value'],
    ).toHaveLength(2)
    expect((await jsonOf(get(`${list}operationType eq 'archiveChannel'`)))['value']).toHaveLength(1)
    expect((await get(`${list}operationType eq 'archiveChannel'`, { headers: { prefer: '' } })).status).toBe(
      400,
    )
    expect((await get(`${list}attemptsCount gt 1`)).status).toBe(400)
  })

  it.each([
    '?$top=-1',
    '?$top=0',
    '?$top=1000',
    '?$top=ten',
    '?$skip=1.5',
    '?$skiptoken=forged',
    '?$skiptoken=e30',
  ])('refuses %s', async (query) => {
    const { simulator, team } = withOperations(1)
    expect((await clientOf(simulator).get(`/v1.0/teams/${team}/operations${query}`)).status).toBe(400)
  })

  it('is there for chats in beta, and for a team or chat without any', async () => {
    const simulator = unlimited()
    const { get } = clientOf(simulator)
    const { identity } = simulator.tenant.addOperation({
      operationType: 'createChat',
      script: { inProgressMs: 0 },
    })
    expect(await jsonOf(get(`/beta/chats/${identity.ownerId}/operations`))).toMatchObject({
      '@odata.context': `${simulator.origin}/beta/$metadata#chats('${identity.ownerId}')/operations`,
      value: [{ id: identity.id, operationType: 'createChat' }],
    })
    const team = simulator.tenant.addTeam()
    expect(
      await jsonOf(get(`/groups/${team.id}/team/operations`.replace('/groups', '/v1.0/groups'))),
    ).toMatchObject({ value: [] })
    expect((await get(`/v1.0/teams/${crypto.randomUUID()}/operations`)).status).toBe(404)
    expect((await get('/beta/chats/19:nobody@thread.v2/operations')).status).toBe(404)
  })
})

describe('what is around operations', () => {
  it('can be read: teams, channels and chats', async () => {
    const simulator = unlimited()
    const { get } = clientOf(simulator)
    const team = simulator.tenant.addTeam({ displayName: 'Sales', isArchived: true })
    const channel = simulator.tenant.addChannel(team.id, { displayName: 'News' })
    const chat = simulator.tenant.addChat({ topic: 'Launch' })
    expect(await jsonOf(get(`/v1.0/teams('${team.id}')`))).toMatchObject({
      displayName: 'Sales',
      isArchived: true,
    })
    expect(await jsonOf(get('/v1.0/me/joinedTeams'))).toMatchObject({ value: [{ id: team.id }] })
    expect(await jsonOf(get('/beta/users/ada/joinedTeams'))).toMatchObject({ value: [{ id: team.id }] })
    expect(await jsonOf(get(`/v1.0/teams/${team.id}/channels`))).toMatchObject({
      value: [{ id: channel.id }],
    })
    expect(await jsonOf(get(`/v1.0/teams/${team.id}/channels('${channel.id}')`))).toMatchObject({
      displayName: 'News',
    })
    expect(await jsonOf(get('/v1.0/me/chats'))).toMatchObject({ value: [{ id: chat.id }] })
    expect(await jsonOf(get(`/beta/chats/${chat.id}`))).toMatchObject({ topic: 'Launch' })
  })

  it('carries what every answer carries', async () => {
    const simulator = unlimited()
    const { tenant } = simulator
    const { get } = clientOf(simulator)
    const path = `/v1.0/teams/${tenant.addTeam().id}`
    const answer = await get(path, { headers: { 'client-request-id': 'my-own' } })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'client-request-id': 'my-own',
      'odata-version': '4.0',
      'content-type': expect.stringMatching(/^application\/json;odata\.metadata=minimal;/),
      'x-ms-ags-diagnostic': expect.stringMatching(/^{"ServerInfo":{"DataCenter":/),
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
    })
    const without = await get(path, { headers: { 'client-request-id': '' } })
    expect(without.headers.get('request-id')).not.toBe(answer.headers.get('request-id'))
  })

  it.each([
    ['GET', '/v2.0/teams', 400, 'Invalid version: v2.0'],
    ['GET', '/v1.0/planets', 400, "Resource not found for the segment 'planets'."],
    ['GET', '/v1.0/teams/x/operations/y/z', 400, "Resource not found for the segment 'z'."],
    ['GET', '/v1.0/groups/x', 400, "Resource not found for the segment 'x'."],
    ['GET', '/v1.0/teams/%E0%A4%A', 400, 'The request URI is not valid.'],
    [
      'DELETE',
      '/v1.0/teams/x/operations/y',
      405,
      'Specified HTTP method is not allowed for the request target.',
    ],
    ['GET', '/v1.0/$batch', 400, "Resource not found for the segment '$batch'."],
  ])('is refused where it is not there: %s %s', async (method, path, status, message) => {
    const answer = await clientOf(unlimited()).get(path, { method })
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { message } }])
  })
})
