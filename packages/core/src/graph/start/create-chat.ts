import { shortened } from '../../operation/shortened.ts'
import type { StartRequest } from '../start-request.ts'
import type { ConversationMember } from './conversation-member.ts'
import { expectText } from './expect-argument.ts'

/**
 * The body of `POST /chats` (beta), in Graph's own words and open for all that it takes.
 *
 * @see https://learn.microsoft.com/graph/api/chat-post?view=graph-rest-beta
 */
export interface NewChat {
  readonly chatType: 'oneOnOne' | 'group'
  /** Of a group chat. */
  readonly topic?: string | undefined
  /** Everybody who takes part, whoever creates it included. */
  readonly members: readonly ConversationMember[]
  /** Currently Graph takes exactly one. */
  readonly installedApps: readonly ChatApp[]
  readonly [property: string]: unknown
}

export interface ChatApp {
  /** `/appCatalogs/teamsApps('{id}')`, or with the host of the cloud before it. */
  readonly 'teamsApp@odata.bind': string
  readonly [property: string]: unknown
}

/**
 * Creates a chat with an app in it. Graph creates a chat without one at once: there is no operation to
 * follow.
 *
 * @throws TypeError when something that Graph needs is missing
 */
export function createChat(chat: NewChat): StartRequest {
  expectSome('members', chat.members, 'everybody who takes part')
  expectSome(
    'installedApps',
    chat.installedApps,
    'an app; Graph creates a chat without one at once, without an operation',
  )
  return {
    method: 'POST',
    version: 'beta',
    path: '/chats',
    body: chat,
    description: `create ${expectText('chatType', chat.chatType, 'oneOnOne or group')} chat`,
  }
}

function expectSome(name: string, value: unknown, expected: string): void {
  if (Array.isArray(value) && value.length > 0) return
  const got = Array.isArray(value) ? 'an empty array' : shortened(value)
  throw new TypeError(`Expected \`${name}\` to be an array with ${expected}, got ${got}`)
}
