import type { OperationsClient, StartRequest } from '@teams-operations/core'
import { graphql } from 'graphql'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AuthorizeStart, RequestedStart } from '../../src/resolvers/start-access.ts'
import { createSchema } from '../../src/schema/create-schema.ts'
import { gatewayContext } from '../gateway-context.ts'
import { locationOf, scriptedOperations, teamId } from '../scripted-operations.ts'

const schema = createSchema({ allowStart: true })
const channelId = '19:0123456789abcdef@thread.tacv2'
const location = locationOf(1)

let submitted: StartRequest[]
let asked: RequestedStart[]
let authorizeStart: AuthorizeStart

beforeEach(() => {
  submitted = []
  asked = []
  authorizeStart = (_, start) => {
    asked.push(start)
    return true
  }
})

/** What the mutation with these fields answers, and what it would have sent to Graph. */
async function run(fields: string, variableValues?: Record<string, unknown>): Promise<Answer> {
  const { client } = scriptedOperations()
  const operations: OperationsClient = {
    ...client,
    async submit(request) {
      submitted.push(request)
      return client.ref(location)
    },
  }
  const contextValue = gatewayContext({
    operations,
    authorizeStart: (principal, start) => authorizeStart(principal, start),
  })
  const source = fields.startsWith('mutation') ? fields : `mutation { started: ${fields} { location } }`
  const { data, errors } = await graphql({ schema, source, contextValue, variableValues })
  return { data: data && { ...data }, messages: errors?.map(({ message }) => message) }
}

interface Answer {
  readonly data: object | null | undefined
  readonly messages: readonly string[] | undefined
}

describe('a mutation sends what Graph documents', () => {
  const member = (user: string, roles: string[]): object => ({
    '@odata.type': '#microsoft.graph.aadUserConversationMember',
    roles,
    'user@odata.bind': `/users('${user}')`,
  })

  test.each<[field: string, path: string, body: object | undefined]>([
    [`archiveTeam(teamId: "${teamId}")`, `/teams/${teamId}/archive`, undefined],
    [
      `archiveTeam(teamId: "${teamId}", shouldSetSpoSiteReadOnlyForMembers: null)`,
      `/teams/${teamId}/archive`,
      undefined,
    ],
    [
      `archiveTeam(teamId: "${teamId}", shouldSetSpoSiteReadOnlyForMembers: false)`,
      `/teams/${teamId}/archive`,
      { shouldSetSpoSiteReadOnlyForMembers: false },
    ],
    [`unarchiveTeam(teamId: "${teamId}")`, `/teams/${teamId}/unarchive`, undefined],
    [
      `cloneTeam(teamId: "${teamId}", clone: {
        displayName: "Copy", partsToClone: [APPS, CHANNELS], visibility: HIDDEN_MEMBERSHIP, description: null
      })`,
      `/teams/${teamId}/clone`,
      { displayName: 'Copy', partsToClone: 'apps,channels', visibility: 'hiddenMembership' },
    ],
    [
      'createTeam(team: { displayName: "New", description: "For us" })',
      '/teams',
      {
        displayName: 'New',
        description: 'For us',
        'template@odata.bind': "/teamsTemplates('standard')",
      },
    ],
    [
      `createTeam(team: {
        groupId: "${teamId}", templateId: "educationClass", visibility: PUBLIC,
        members: [{ user: "ada@example.com" }, { user: "o'hara#ext#@example.com", roles: [GUEST] }]
      })`,
      '/teams',
      {
        visibility: 'public',
        'template@odata.bind': "/teamsTemplates('educationClass')",
        'group@odata.bind': `/groups('${teamId}')`,
        members: [member('ada@example.com', ['owner']), member("o''hara%23ext%23@example.com", ['guest'])],
      },
    ],
    [
      `createChannel(teamId: "${teamId}", channel: {
        displayName: "Shared", description: "Ours", members: [{ user: "ada@example.com" }]
      })`,
      `/teams/${teamId}/channels`,
      {
        displayName: 'Shared',
        description: 'Ours',
        membershipType: 'shared',
        members: [member('ada@example.com', ['owner'])],
      },
    ],
    [
      `archiveChannel(teamId: "${teamId}", channelId: "${channelId}", shouldSetSpoSiteReadOnlyForMembers: true)`,
      `/teams/${teamId}/channels/19%3A0123456789abcdef%40thread.tacv2/archive`,
      { shouldSetSpoSiteReadOnlyForMembers: true },
    ],
    [
      `unarchiveChannel(teamId: "${teamId}", channelId: "${channelId}")`,
      `/teams/${teamId}/channels/19%3A0123456789abcdef%40thread.tacv2/unarchive`,
      undefined,
    ],
    [
      `createChat(chat: {
        chatType: GROUP, topic: "Plans", installedApps: [{ teamsAppId: "app'1" }],
        members: [{ user: "ada@example.com" }, { user: "bob@example.com", roles: [] }]
      })`,
      '/chats',
      {
        chatType: 'group',
        topic: 'Plans',
        members: [member('ada@example.com', ['owner']), member('bob@example.com', [])],
        installedApps: [{ 'teamsApp@odata.bind': "/appCatalogs/teamsApps('app''1')" }],
      },
    ],
  ])('%s', async (field, path, body) => {
    expect(await run(field)).toEqual({ data: { started: { location } }, messages: undefined })
    expect(submitted).toHaveLength(1)
    expect(submitted[0]).toMatchObject({ method: 'POST', path })
    // As it is sent: without what is undefined.
    const sent = submitted[0]?.body
    expect(sent && JSON.parse(JSON.stringify(sent))).toEqual(body)
  })
})

describe('an input that can not be is refused with its name, and nothing is sent', () => {
  test.each([
    ['archiveTeam(teamId: "42")', /`teamId` to be the GUID of a team, got "42"\.$/],
    ['unarchiveTeam(teamId: "../me")', /`teamId`/],
    ['cloneTeam(teamId: "1", clone: { displayName: "x", partsToClone: [TABS] })', /`teamId`/],
    [
      `cloneTeam(teamId: "${teamId}", clone: { displayName: "x", partsToClone: [] })`,
      /`partsToClone` to be one or more/,
    ],
    [
      `cloneTeam(teamId: "${teamId}", clone: { displayName: " ", partsToClone: [TABS] })`,
      /`displayName` to be a non-empty string/,
    ],
    ['createTeam(team: {})', /`displayName`/],
    ['createTeam(team: { displayName: "x", templateId: "" })', /`templateId`/],
    ['createTeam(team: { groupId: " " })', /`groupId`/],
    ['createTeam(team: { displayName: "x", members: [{ user: "" }] })', /`user`/],
    [`createChannel(teamId: "${teamId}", channel: { displayName: "" })`, /`displayName`/],
    [`archiveChannel(teamId: "${teamId}", channelId: "General")`, /`channelId` to be the id of a channel/],
    [`unarchiveChannel(teamId: "${teamId}", channelId: "19:x/../y")`, /`channelId`/],
    ['createChat(chat: { chatType: GROUP, members: [], installedApps: [{ teamsAppId: "1" }] })', /`members`/],
    [
      'createChat(chat: { chatType: GROUP, members: [{ user: "1" }], installedApps: [] })',
      /`installedApps` to be an array with an app/,
    ],
    [
      'createChat(chat: { chatType: GROUP, members: [{ user: "1" }], installedApps: [{ teamsAppId: "" }] })',
      /`teamsAppId`/,
    ],
  ])('%s', async (field, message) => {
    const { data, messages } = await run(field)
    expect(data).toBeNull()
    expect(messages).toEqual([expect.stringMatching(message)])
    expect(submitted).toEqual([])
  })
})

describe('a document starts one operation', () => {
  const one = `archiveTeam(teamId: "${teamId}") { location }`

  test.each([
    ['two aliases', `mutation { a: ${one} b: ${one} }`],
    ['a fragment', `mutation { a: ${one} ...more } fragment more on Mutation { b: ${one} }`],
    ['an inline fragment', `mutation { a: ${one} ... on Mutation { ... { b: ${one} } } }`],
    ['different fields', `mutation { ${one} unarchiveTeam(teamId: "${teamId}") { location } }`],
  ])('and with more, by %s, none', async (_, document) => {
    const { data, messages } = await run(document)
    expect(data).toBeNull()
    expect(messages).toEqual([expect.stringMatching(/^Expected one field in a mutation, got 2: .* Nothing/)])
    expect(submitted).toEqual([])
  })

  test('that it names twice, as GraphQL merges them', async () => {
    const { messages } = await run(`mutation { __typename ${one} ${one} ...same }
      fragment same on Mutation { archiveTeam(teamId: "${teamId}") { ref { location } } }`)
    expect(messages).toBeUndefined()
    expect(submitted).toHaveLength(1)
  })
})

describe('whoever may not start it', () => {
  test('is told so, and nothing is sent', async () => {
    authorizeStart = async () => false
    const { data, messages } = await run(`archiveTeam(teamId: "${teamId}")`)
    expect(data).toBeNull()
    expect(messages).toEqual([`Not allowed to archive team ${teamId}.`])
    expect(submitted).toEqual([])
  })

  test('is known by what they asked for', async () => {
    await run(`archiveTeam(teamId: "${teamId}")`)
    await run('createTeam(team: { displayName: "New" })')
    await run(`createTeam(team: { groupId: "${teamId}" })`)
    expect(asked).toMatchObject([
      { method: 'archiveTeam', teamId, request: { path: `/teams/${teamId}/archive` } },
      { method: 'createTeam', teamId: undefined, request: { path: '/teams' } },
      // A team has the id of its group.
      { method: 'createTeam', teamId, request: { path: '/teams' } },
    ])
  })

  test('is refused when that can not be told', async () => {
    authorizeStart = () => {
      throw new Error('The directory is down')
    }
    expect((await run(`archiveTeam(teamId: "${teamId}")`)).messages).toHaveLength(1)
    expect(submitted).toEqual([])
  })
})
