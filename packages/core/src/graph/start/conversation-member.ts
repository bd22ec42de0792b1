import { expectText } from './expect-argument.ts'

/**
 * Somebody who is to be in a team, channel or chat.
 *
 * @see https://learn.microsoft.com/graph/api/resources/aaduserconversationmember
 */
export interface ConversationMember {
  readonly '@odata.type'?: string | undefined
  /** `owner`, `guest`, or none for a plain member. */
  readonly roles?: readonly string[] | undefined
  /** `/users('{id or principal name}')`, or with the host of the cloud before it. */
  readonly 'user@odata.bind'?: string | undefined
  readonly [property: string]: unknown
}

/**
 * A member for the body of a start request.
 *
 * @param user the id or the principal name
 * @param roles @default ['owner']
 * @throws TypeError when `user` is empty
 */
export function conversationMember(user: string, roles: readonly string[] = ['owner']): ConversationMember {
  // In the principal name of a guest is a `#`, which would end the URL.
  const key = encodeURIComponent(expectText('user', user)).replaceAll('%40', '@').replaceAll("'", "''")
  return {
    '@odata.type': '#microsoft.graph.aadUserConversationMember',
    roles,
    'user@odata.bind': `/users('${key}')`,
  }
}
