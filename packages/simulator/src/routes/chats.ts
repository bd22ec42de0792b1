import { startCreateChat } from '../model/start-operation.ts'
import { isThere, type Chat } from '../model/team.ts'
import type { Reply } from '../reply.ts'
import { accepted } from './accepted.ts'
import { collection } from './collection.ts'
import { badRequest, jsonBody } from './graph-error.ts'
import { arrayIn, textIn } from './request-body.ts'
import { chatOf, contextOf, created, ofChat, ok, type Route, type RouteCall } from './route.ts'

/** Reading and creating chats. */
export const chatRoutes: readonly Route[] = [
  {
    name: 'chats',
    kind: 'read',
    method: 'GET',
    paths: ['chats', 'me/chats', 'users/{userId}/chats'],
    limit: 'get',
    handle: (call) =>
      collection(call, [...call.tenant.chats.values()].filter(isThere), chatJson, { context: 'chats' }),
  },
  {
    name: 'chat',
    kind: 'read',
    method: 'GET',
    paths: ofChat(''),
    limit: 'get',
    handle: (call) => ok(chatEntity(call, chatOf(call))),
  },
  { name: 'createChat', kind: 'start', method: 'POST', paths: ['chats'], limit: 'other', handle: createChat },
]

function chatJson({ id, topic, createdDateTime, chatType }: Chat): Readonly<Record<string, unknown>> {
  return { id, topic, createdDateTime, lastUpdatedDateTime: createdDateTime, chatType }
}

function chatEntity(call: RouteCall, chat: Chat): Readonly<Record<string, unknown>> {
  return { '@odata.context': contextOf(call, 'chats/$entity'), ...chatJson(chat) }
}

/** Only beta knows `installedApps`, and only with them does a chat take an operation. */
function createChat(call: RouteCall): Reply {
  const body = jsonBody(call.exchange)
  const chatType = textIn(body, 'chatType')
  if (chatType !== 'oneOnOne' && chatType !== 'group') {
    throw badRequest(`Requested value '${chatType ?? ''}' was not found for chatType.`)
  }
  const members = arrayIn(body, 'members').map((member) => textIn(member, 'user@odata.bind'))
  const users = members.filter((user) => user !== undefined)
  if (users.length !== members.length) throw badRequest("Every member needs a 'user@odata.bind'.")
  if (chatType === 'oneOnOne' ? users.length !== 2 : users.length < 2) {
    throw badRequest(`Invalid number of members for a chat of type ${chatType}: ${users.length}.`)
  }
  const topic = textIn(body, 'topic')
  if (topic !== undefined && chatType === 'oneOnOne')
    throw badRequest('A topic can only be set for a group chat.')
  const apps = call.version === 'beta' ? arrayIn(body, 'installedApps') : []
  const seed = { chatType, topic, members: users }
  if (apps.length === 0) {
    const chat =
      existingChat(call, chatType, users) ?? call.tenant.addChat({ ...seed, id: chatId(call, chatType) })
    return created(chatEntity(call, chat), `/chats('${chat.id}')`)
  }
  const appIds = apps.map((app) => textIn(app, 'teamsApp@odata.bind')?.split('/').at(-1))
  const [appId] = appIds
  if (appIds.length > 1) throw badRequest('Only one app can be installed while a chat is created.')
  if (appId === undefined) throw badRequest("An installed app needs a 'teamsApp@odata.bind'.")
  const operation = startCreateChat(call.tenant, { ...seed, id: chatId(call, chatType) }, [appId])
  return accepted(operation, 'quoted')
}

/** There is one chat between two people, however often it is created. */
function existingChat({ tenant }: RouteCall, chatType: string, users: readonly string[]): Chat | undefined {
  if (chatType !== 'oneOnOne') return undefined
  return [...tenant.chats.values()].find(
    (chat) =>
      chat.chatType === 'oneOnOne' && isThere(chat) && users.every((user) => chat.members.includes(user)),
  )
}

function chatId({ tenant }: RouteCall, chatType: string): string {
  return chatType === 'group'
    ? tenant.newThreadId('v2')
    : `19:${tenant.newGuid()}_${tenant.newGuid()}@unq.gbl.spaces`
}
