import { describe, expect, it } from 'vitest'
import type { Simulator } from '../../src/index.ts'
import { clientOf, jsonOf, unlimited } from '../test-client.ts'

const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const template = "https://graph.microsoft.com/v1.0/teamsTemplates('standard')"
const user = (name: string): unknown => ({
  '@odata.type': '#microsoft.graph.aadUserConversationMember',
  roles: ['owner'],
  'user@odata.bind': `https://graph.microsoft.com/v1.0/users('${name}')`,
})
const twoMembers = [user('ada'), user('grace')]
const installedApps = [
  { 'teamsApp@odata.bind': 'https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/an-app' },
]

/** Every start method, and what its 202 says. */
const methods = [
  {
    name: 'createTeam',
    path: () => '/v1.0/teams',
    body: { 'template@odata.bind': template, displayName: 'New', description: 'A team' },
    location: new RegExp(`^/teams\\('${guid}'\\)/operations\\('${guid}'\\)$`),
    headers: {
      'content-type': 'application/json',
      'content-location': expect.stringMatching(/^\/teams\('.+'\)$/),
    },
  },
  {
    name: 'cloneTeam',
    path: ({ team }: Place) => `/v1.0/teams/${team}/clone`,
    body: { displayName: 'Copy', mailNickname: 'copy', partsToClone: 'apps,tabs,settings,channels,members' },
    location: new RegExp(`^/teams\\(${guid}\\)/operations\\(${guid}\\)$`),
    headers: { 'content-type': 'text/plain' },
  },
  {
    name: 'archiveTeam',
    path: ({ team }: Place) => `/v1.0/teams/${team}/archive`,
    body: { shouldSetSpoSiteReadOnlyForMembers: true },
    location: new RegExp(`^/teams\\('${guid}'\\)/operations\\('${guid}'\\)$`),
    headers: {},
  },
  {
    name: 'unarchiveTeam',
    path: ({ team }: Place) => `/v1.0/groups/${team}/team/unarchive`,
    body: undefined,
    location: new RegExp(`^/teams\\('${guid}'\\)/operations\\('${guid}'\\)$`),
    headers: {},
  },
  {
    name: 'createChannel',
    path: ({ team }: Place) => `/v1.0/teams/${team}/channels`,
    body: { displayName: 'Shared', membershipType: 'shared', members: [user('ada')] },
    location: new RegExp(`^/teams/${guid}/operations/${guid}$`),
    headers: {},
  },
  {
    name: 'archiveChannel',
    path: ({ team, channel }: Place) => `/v1.0/teams/${team}/channels/${channel}/archive`,
    body: {},
    location: new RegExp(`^/teams/${guid}/operations/${guid}$`),
    headers: {},
  },
  {
    name: 'unarchiveChannel',
    path: ({ team, channel }: Place) => `/v1.0/groups/${team}/team/channels/${channel}/unarchive`,
    body: undefined,
    location: new RegExp(`^/teams/${guid}/operations/${guid}$`),
    headers: {},
  },
  {
    name: 'createChat',
    path: () => '/beta/chats',
    body: { chatType: 'oneOnOne', members: twoMembers, installedApps },
    location: new RegExp(
      `^/chats\\('19:${guid}_${guid}@unq\\.gbl\\.spaces'\\)/operations\\('${guid}-${guid}-${guid}'\\)$`,
    ),
    headers: {},
  },
]

interface Place {
  readonly team: string
  readonly channel: string
}

function placeIn({ tenant }: Simulator): Place {
  const { id: team } = tenant.addTeam()
  return { team, channel: encodeURIComponent(tenant.addChannel(team).id) }
}

describe('a start method', () => {
  it.each(methods)('$name answers 202 with a Location, as documented, and nothing else', async (method) => {
    const simulator = unlimited()
    const { get, post } = clientOf(simulator)
    const accepted = await post(method.path(placeIn(simulator)), method.body)
    expect(accepted.status).toBe(202)
    expect(await accepted.text()).toBe('')
    const headers = Object.fromEntries(accepted.headers)
    expect(headers).toMatchObject({ ...method.headers, location: expect.stringMatching(method.location) })
    if (!('content-type' in method.headers)) expect(headers).not.toHaveProperty('content-type')

    const version = method.name === 'createChat' ? 'beta' : 'v1.0'
    const operation = await jsonOf(get(`/${version}${headers['location']}`))
    expect(operation).toMatchObject({ operationType: method.name, error: null, attemptsCount: 1 })
  })

  it.each(methods)('$name needs a token', async ({ path }) => {
    const simulator = unlimited()
    const answer = await simulator.fetch(simulator.origin + path(placeIn(simulator)), { method: 'POST' })
    expect(answer.status).toBe(401)
  })
})

describe('what a start method does', () => {
  it('shows when the operation has succeeded: a team', async () => {
    const simulator = unlimited({ script: { inProgressMs: 8_000 } })
    const { get, post } = clientOf(simulator)
    const accepted = await post('/v1.0/teams', { 'template@odata.bind': template, displayName: 'New' })
    const team = `/v1.0${accepted.headers.get('content-location')}`
    expect((await get(team)).status).toBe(404)
    await simulator.clock.advance(10_001)
    expect(await jsonOf(get(team))).toMatchObject({ displayName: 'New', isArchived: false })
  })

  it('shows later than the success, where the script says so', async () => {
    const simulator = unlimited({
      script: { notStartedMs: 0, inProgressMs: 8_000, targetDelayMs: 5_000 },
    })
    const { get, post } = clientOf(simulator)
    const accepted = await post('/v1.0/teams', { 'template@odata.bind': template, displayName: 'New' })
    await simulator.clock.advance(8_000)
    const operation = await jsonOf(get(`/v1.0${accepted.headers.get('location')}`))
    expect(operation.status).toBe('succeeded')
    expect((await get(`/v1.0${operation.targetResourceLocation}`)).status).toBe(404)
    await simulator.clock.advance(5_000)
    expect((await get(`/v1.0${operation.targetResourceLocation}`)).status).toBe(200)
  })

  it('never shows when the operation fails or is stuck', async () => {
    const simulator = unlimited()
    const { get, post } = clientOf(simulator)
    const team = simulator.tenant.addTeam()
    simulator.tenant.script({ outcome: 'failed' })
    simulator.tenant.script({ outcome: 'stuck' })
    await post(`/v1.0/teams/${team.id}/archive`)
    await simulator.clock.advance(60_000)
    await post(`/v1.0/teams/${team.id}/archive`)
    await simulator.clock.advance(60_000)
    expect(await jsonOf(get(`/v1.0/teams/${team.id}`))).toMatchObject({ isArchived: false })
  })

  it('is the last that ended: archive and unarchive of one team', async () => {
    const simulator = unlimited()
    const { get, post } = clientOf(simulator)
    const { id } = simulator.tenant.addTeam()
    simulator.tenant.script({ inProgressMs: 20_000 }, { operationType: 'archiveTeam' })
    simulator.tenant.script({ inProgressMs: 5_000 }, { operationType: 'unarchiveTeam' })
    await post(`/v1.0/teams/${id}/archive`)
    await post(`/v1.0/teams/${id}/unarchive`)
    const isArchived = async (): Promise<unknown> => (await jsonOf(get(`/v1.0/teams/${id}`)))['isArchived']
    await simulator.clock.advance(6_000)
    expect(await isArchived()).toBe(false)
    await simulator.clock.advance(15_000)
    expect(await isArchived()).toBe(true)
  })

  it('is a new team for a clone, whose operation belongs to the source', async () => {
    const simulator = unlimited({ script: { inProgressMs: 8_000 } })
    const { get, post } = clientOf(simulator)
    const source = simulator.tenant.addTeam({ description: 'Kept', visibility: 'public' })
    const accepted = await post(`/v1.0/teams/${source.id}/clone`, {
      displayName: 'Copy',
      partsToClone: 'apps',
    })
    expect(accepted.headers.get('location')).toContain(source.id)
    await simulator.clock.advance(8_000)
    const operation = await jsonOf(get(`/v1.0${accepted.headers.get('location')}`))
    expect(operation.targetResourceId).not.toBe(source.id)
    expect(await jsonOf(get(`/v1.0/teams/${operation.targetResourceId}`))).toMatchObject({
      displayName: 'Copy',
      description: 'Kept',
      visibility: 'public',
    })
  })

  it('is a shared channel, and then an archived one', async () => {
    const simulator = unlimited({ script: { inProgressMs: 8_000 } })
    const { get, post } = clientOf(simulator)
    const { id } = simulator.tenant.addTeam()
    const accepted = await post(`/v1.0/teams/${id}/channels`, {
      displayName: 'Shared',
      membershipType: 'shared',
    })
    expect(await jsonOf(get(`/v1.0/teams/${id}/channels`))).toMatchObject({ value: [] })
    await simulator.clock.advance(8_000)
    const { targetResourceLocation: channel } = await jsonOf(get(`/v1.0${accepted.headers.get('location')}`))
    expect(await jsonOf(get(`/v1.0${channel}`))).toMatchObject({ displayName: 'Shared', isArchived: false })
    expect((await post(`/v1.0${channel}/archive`)).status).toBe(202)
    await simulator.clock.advance(8_000)
    expect(await jsonOf(get(`/v1.0${channel}`))).toMatchObject({ isArchived: true })
  })

  it.each(['standard', 'private'])('is there with the answer for a %s channel', async (membershipType) => {
    const simulator = unlimited()
    const { get, post } = clientOf(simulator)
    const { id } = simulator.tenant.addTeam()
    const created = await post(`/v1.0/teams/${id}/channels`, { displayName: 'New', membershipType })
    expect(created.status).toBe(201)
    const channel = await jsonOf(Promise.resolve(created))
    expect(channel).toMatchObject({ displayName: 'New', membershipType })
    expect((await get(`/v1.0/teams/${id}/channels/${channel.id}`)).status).toBe(200)
    expect([...simulator.tenant.operations()]).toEqual([])
  })

  it('is a chat: at once without apps and in v1.0, in an operation with an app in beta', async () => {
    const simulator = unlimited()
    const { get, post } = clientOf(simulator)
    const group = { chatType: 'group', topic: 'Launch', members: twoMembers, installedApps }
    expect((await post('/v1.0/chats', group)).status).toBe(201)
    expect((await post('/beta/chats', { ...group, installedApps: [] })).status).toBe(201)
    const accepted = await post('/beta/chats', group)
    expect(accepted.status).toBe(202)
    const chat = accepted.headers.get('location')?.replace(/\/operations.*$/, '')
    expect((await get(`/beta${chat}`)).status).toBe(404)
    await simulator.clock.advance(17_000)
    expect(await jsonOf(get(`/v1.0${chat}`))).toMatchObject({ chatType: 'group', topic: 'Launch' })
  })

  it('is the chat that is there already for the same two people', async () => {
    const { post } = clientOf(unlimited())
    const chat = { chatType: 'oneOnOne', members: twoMembers }
    const first = await jsonOf(post('/v1.0/chats', chat))
    expect((await jsonOf(post('/v1.0/chats', chat))).id).toBe(first.id)
  })
})

describe('a start method refuses', () => {
  const anyTeam = '2ab9c796-2902-45f8-b712-7c5a63cf41c4'
  it.each([
    ['a body that is not JSON', '/v1.0/teams', '{"displayName":', /Unable to read JSON request payload/],
    ['a body that is not an object', '/v1.0/teams', '[]', /Unable to read JSON request payload/],
    ['a team without a template', '/v1.0/teams', { displayName: 'New' }, /template@odata\.bind/],
    ['a team without a name', '/v1.0/teams', { 'template@odata.bind': template }, /display name/],
    [
      'a name that is not a text',
      '/v1.0/teams',
      { 'template@odata.bind': template, displayName: 7 },
      /Edm\.String/,
    ],
    ['a team that is not there', `/v1.0/teams/${anyTeam}/archive`, undefined, /No team found with Group Id/],
    ['a team id that is none', '/v1.0/teams/sales/archive', undefined, /valid GUID/],
    ['a clone without parts', 'clone', { displayName: 'Copy' }, /partsToClone/],
    ['a clone of parts unheard of', 'clone', { displayName: 'Copy', partsToClone: 'apps,wiki' }, /wiki/],
    [
      'a flag that is not a boolean',
      'archive',
      { shouldSetSpoSiteReadOnlyForMembers: 'yes' },
      /Edm\.Boolean/,
    ],
    ['a channel without a name', 'channels', {}, /name cannot be null/],
    ['a channel with a long name', 'channels', { displayName: 'x'.repeat(51) }, /50 characters/],
    [
      'a channel of another type',
      'channels',
      { displayName: 'New', membershipType: 'unknownFutureValue' },
      /membershipType/,
    ],
    [
      'a shared channel with two owners',
      'channels',
      { displayName: 'New', membershipType: 'shared', members: twoMembers },
      /one owner/,
    ],
    ['a chat of another type', '/beta/chats', { chatType: 'meeting', members: twoMembers }, /chatType/],
    ['a chat of one', '/beta/chats', { chatType: 'oneOnOne', members: [user('ada')] }, /number of members/],
    [
      'a chat with nobody in particular',
      '/beta/chats',
      { chatType: 'group', members: [{}, {}] },
      /user@odata\.bind/,
    ],
    [
      'a chat with two apps',
      '/beta/chats',
      { chatType: 'group', members: twoMembers, installedApps: [...installedApps, ...installedApps] },
      /one app/i,
    ],
  ])('%s', async (_what, path, body, message) => {
    const status = path.includes(anyTeam) ? 404 : 400
    const simulator = unlimited()
    const { id } = simulator.tenant.addTeam()
    const answer = await clientOf(simulator).post(
      path.startsWith('/') ? path : `/v1.0/teams/${id}/${path}`,
      body,
    )
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({
      error: {
        code: status === 404 ? 'NotFound' : 'BadRequest',
        message: expect.stringMatching(message),
        innerError: { 'request-id': answer.headers.get('request-id'), date: expect.any(String) },
      },
    })
    expect([...simulator.tenant.operations()]).toEqual([])
  })

  it('a channel of an archived team', async () => {
    const simulator = unlimited()
    const team = simulator.tenant.addTeam({ isArchived: true })
    const channel = simulator.tenant.addChannel(team.id)
    const answer = await clientOf(simulator).post(`/v1.0/teams/${team.id}/channels/${channel.id}/archive`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: { message: 'Team has to be active, for channel to be archived or unarchived.' },
    })
  })

  it('a second channel of the same name', async () => {
    const simulator = unlimited()
    const team = simulator.tenant.addTeam()
    simulator.tenant.addChannel(team.id, { displayName: 'News' })
    const answer = await clientOf(simulator).post(`/v1.0/teams/${team.id}/channels`, { displayName: 'News' })
    expect(answer.status).toBe(400)
  })

  it('a team for a group that has one, or is getting one, but not after that has failed', async () => {
    const simulator = unlimited()
    const { post } = clientOf(simulator)
    const body = { 'group@odata.bind': `https://graph.microsoft.com/v1.0/groups('${anyTeam}')` }
    simulator.tenant.script({ inProgressMs: 5_000, outcome: 'failed' })
    expect((await post('/v1.0/teams', body)).status).toBe(202)
    expect((await post('/v1.0/teams', body)).status).toBe(409)
    await simulator.clock.advance(10_000)
    expect((await post('/v1.0/teams', body)).status).toBe(202)
    await simulator.clock.advance(60_000)
    expect((await post('/v1.0/teams', body)).status).toBe(409)
  })
})
