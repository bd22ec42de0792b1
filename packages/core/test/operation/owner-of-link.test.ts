import { expect, test } from 'vitest'
import { ownerOfLink } from '../../src/operation/owner-of-link.ts'

const TEAM = 'd40d729b-df60-4b57-ac8f-102595090e0a'
const CHAT = '19:2f0c8b7e3d5a4f1e9b6c7d8e9f0a1b2c@thread.v2'

test.each([
  `/teams('${TEAM}')`,
  `/teams(${TEAM})`,
  `/teams/${TEAM}/archive`,
  `/teams/${TEAM.toUpperCase()}`,
  `/teams('${TEAM}')/channels('19:x@thread.tacv2')`,
  `https://graph.microsoft.com/v1.0/teams/${TEAM}?$select=id`,
])('%s is about a team', (link) => {
  expect(ownerOfLink(link)).toEqual({ teamId: TEAM })
})

test.each([`/chats('${CHAT}')`, `/chats/${encodeURIComponent(CHAT)}`, `/me/chats/${CHAT}/messages`])(
  '%s is about a chat',
  (link) => {
    expect(ownerOfLink(link)).toEqual({ chatId: CHAT })
  },
)

test.each([
  '',
  '/teams',
  '/chats',
  `/groups('${TEAM}')/team`,
  '/teams/me',
  '/chats/%E0%A4%A',
  'javascript:x',
])('%j is about nothing that has a limit of its own, as far as can be seen', (link) => {
  expect(ownerOfLink(link)).toBeUndefined()
})
