import { describe, expect, it } from 'vitest'
import type { StartRequest } from '../../../src/graph/start-request.ts'
import { archiveChannel } from '../../../src/graph/start/archive-channel.ts'
import { archiveTeam } from '../../../src/graph/start/archive-team.ts'
import { cloneTeam, type TeamClone } from '../../../src/graph/start/clone-team.ts'
import { conversationMember } from '../../../src/graph/start/conversation-member.ts'
import { createChannel, type NewSharedChannel } from '../../../src/graph/start/create-channel.ts'
import { createChat, type NewChat } from '../../../src/graph/start/create-chat.ts'
import { createTeam } from '../../../src/graph/start/create-team.ts'
import { unarchiveChannel } from '../../../src/graph/start/unarchive-channel.ts'
import { unarchiveTeam } from '../../../src/graph/start/unarchive-team.ts'

const TEAM = '11111111-1111-4111-8111-AAAAAAAAAAAA'
const CHANNEL = '19:4b6bed8d24574f6a9e436813cb2617d8@thread.tacv2'
const CHANNEL_PATH = `/teams/${TEAM}/channels/19%3A4b6bed8d24574f6a9e436813cb2617d8%40thread.tacv2`
const APP = { 'teamsApp@odata.bind': "/appCatalogs/teamsApps('1')" }

describe('the builders of start requests', () => {
  it.each<[string, StartRequest, string, object | undefined]>([
    [
      'create a team of the standard template',
      createTeam({ displayName: 'A', description: 'B', summary: { x: 1 } }),
      '/teams',
      {
        'template@odata.bind': "/teamsTemplates('standard')",
        displayName: 'A',
        description: 'B',
        summary: { x: 1 },
      },
    ],
    [
      'create a team of a group',
      createTeam({
        'group@odata.bind': "/groups('1')",
        'template@odata.bind': "/teamsTemplates('educationClass')",
      }),
      '/teams',
      { 'group@odata.bind': "/groups('1')", 'template@odata.bind': "/teamsTemplates('educationClass')" },
    ],
    [
      'clone a team',
      cloneTeam(TEAM, { displayName: 'A', partsToClone: ['apps', 'tabs'], visibility: 'private' }),
      `/teams/${TEAM}/clone`,
      { displayName: 'A', partsToClone: 'apps,tabs', visibility: 'private' },
    ],
    [
      'clone a team as Graph takes its parts',
      cloneTeam(TEAM, { displayName: 'A', partsToClone: 'apps,settings' }),
      `/teams/${TEAM}/clone`,
      { displayName: 'A', partsToClone: 'apps,settings' },
    ],
    ['archive a team', archiveTeam(TEAM), `/teams/${TEAM}/archive`, undefined],
    [
      'archive a team and its site',
      archiveTeam(TEAM, { shouldSetSpoSiteReadOnlyForMembers: true }),
      `/teams/${TEAM}/archive`,
      { shouldSetSpoSiteReadOnlyForMembers: true },
    ],
    ['unarchive a team', unarchiveTeam(TEAM), `/teams/${TEAM}/unarchive`, undefined],
    [
      'create a shared channel',
      createChannel(TEAM, { displayName: 'A', members: [conversationMember('u')] }),
      `/teams/${TEAM}/channels`,
      {
        displayName: 'A',
        membershipType: 'shared',
        members: [
          {
            '@odata.type': '#microsoft.graph.aadUserConversationMember',
            roles: ['owner'],
            'user@odata.bind': "/users('u')",
          },
        ],
      },
    ],
    ['archive a channel', archiveChannel(TEAM, CHANNEL), `${CHANNEL_PATH}/archive`, undefined],
    [
      'archive a channel and its site',
      archiveChannel(TEAM, CHANNEL, { shouldSetSpoSiteReadOnlyForMembers: true }),
      `${CHANNEL_PATH}/archive`,
      { shouldSetSpoSiteReadOnlyForMembers: true },
    ],
    ['unarchive a channel', unarchiveChannel(TEAM, CHANNEL), `${CHANNEL_PATH}/unarchive`, undefined],
  ])('%s below v1.0', (_, request, path, body) => {
    expect(request).toEqual({
      method: 'POST',
      version: 'v1.0',
      path,
      body,
      description: expect.stringMatching(/^(create|clone|archive|unarchive) (team|channel) /),
    })
  })

  it('create a chat with an app below beta', () => {
    const chat: NewChat = {
      chatType: 'group',
      topic: 'A',
      members: [conversationMember('u')],
      installedApps: [APP],
    }

    expect(createChat(chat)).toEqual({
      method: 'POST',
      version: 'beta',
      path: '/chats',
      body: chat,
      description: 'create group chat',
    })
  })

  it('leave what they are given as it is', () => {
    const team = Object.freeze({ displayName: 'A' })
    const channel = Object.freeze({ displayName: 'A' })

    createTeam(team)
    createChannel(TEAM, channel)
    expect([team, channel]).toEqual([{ displayName: 'A' }, { displayName: 'A' }])
  })
})

describe('the builders refuse', () => {
  const badTeamIds = ['', 'x', `${TEAM}/../me`, `{${TEAM}}`, `${TEAM}\n`, null]
  const builders: readonly [string, (teamId: string) => StartRequest][] = [
    ['archiveTeam', archiveTeam],
    ['unarchiveTeam', unarchiveTeam],
    ['cloneTeam', (teamId) => cloneTeam(teamId, { displayName: 'A', partsToClone: 'apps' })],
    ['createChannel', (teamId) => createChannel(teamId, { displayName: 'A' })],
    ['archiveChannel', (teamId) => archiveChannel(teamId, CHANNEL)],
    ['unarchiveChannel', (teamId) => unarchiveChannel(teamId, CHANNEL)],
  ]
  it.each(builders)('what is no id of a team: %s', (_, build) => {
    for (const teamId of badTeamIds) {
      expect(() => build(teamId as string)).toThrow(TypeError)
      expect(() => build(teamId as string)).toThrow(/^Expected `teamId` to be the GUID of a team, got /)
    }
  })

  it.each([
    '',
    'General',
    '19:x',
    '19:x/../y@thread.tacv2',
    "19:x'@thread.tacv2",
    '19:x@unq.gbl.spaces',
    undefined,
  ])('what is no id of a channel: %s', (channelId) => {
    for (const build of [archiveChannel, unarchiveChannel]) {
      expect(() => build(TEAM, channelId as string)).toThrow(
        /^Expected `channelId` to be the id of a channel/,
      )
    }
  })

  it('a team without a name', () => {
    expect(() => createTeam({})).toThrow(
      new TypeError('Expected `displayName` to be a non-empty string, got nothing'),
    )
    expect(() => createTeam({ displayName: ' ' })).toThrow(TypeError)
  })

  it('a clone without a name or parts', () => {
    expect(() => cloneTeam(TEAM, { displayName: '', partsToClone: 'apps' })).toThrow(/`displayName`/)
    expect(() => cloneTeam(TEAM, { displayName: 'A', partsToClone: [] })).toThrow(/`partsToClone`/)
    expect(() => cloneTeam(TEAM, { displayName: 'A' } as TeamClone)).toThrow(/`partsToClone`/)
  })

  it('a channel that Graph creates without an operation', () => {
    const channel = JSON.parse('{"displayName":"A","membershipType":"private"}') as NewSharedChannel

    expect(() => createChannel(TEAM, channel)).toThrow(
      /^Expected `membershipType` to be shared, got "private"/,
    )
    expect(() => createChannel(TEAM, { displayName: '' })).toThrow(/`displayName`/)
  })

  it.each<[string, object]>([
    ['members', { members: [] }],
    ['members', { members: undefined }],
    ['installedApps', { installedApps: [] }],
    ['installedApps', { installedApps: APP }],
    ['chatType', { chatType: '' }],
  ])('a chat with the wrong %s', (name, change) => {
    const chat: NewChat = { chatType: 'oneOnOne', members: [conversationMember('u')], installedApps: [APP] }

    expect(() => createChat({ ...chat, ...change })).toThrow(TypeError)
    expect(() => createChat({ ...chat, ...change })).toThrow(new RegExp(`^Expected \`${name}\``))
  })
})

describe('conversationMember', () => {
  it.each([
    ['0040b377-61d8-43db-94f5-81374122dc7e', "/users('0040b377-61d8-43db-94f5-81374122dc7e')"],
    ['jacob@contoso.com', "/users('jacob@contoso.com')"],
    ['a_b.com#EXT#@contoso.com', "/users('a_b.com%23EXT%23@contoso.com')"],
    ["o'hara@contoso.com", "/users('o''hara@contoso.com')"],
    ['../groups', "/users('..%2Fgroups')"],
  ])('binds %s', (user, bind) => {
    expect(conversationMember(user, ['guest'])).toEqual({
      '@odata.type': '#microsoft.graph.aadUserConversationMember',
      roles: ['guest'],
      'user@odata.bind': bind,
    })
  })

  it('refuses nobody', () => {
    expect(() => conversationMember('')).toThrow(TypeError)
  })
})
