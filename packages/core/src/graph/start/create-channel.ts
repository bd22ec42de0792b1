import { shortened } from '../../operation/shortened.ts'
import type { StartRequest } from '../start-request.ts'
import type { ConversationMember } from './conversation-member.ts'
import { expectTeamId, expectText } from './expect-argument.ts'

/**
 * The body of `POST /teams/{id}/channels` for a shared channel, in Graph's own words and open for all that
 * it takes.
 *
 * @see https://learn.microsoft.com/graph/api/channel-post
 */
export interface NewSharedChannel {
  /** At most 50 characters. */
  readonly displayName: string
  readonly description?: string | undefined
  /** Exactly one owner; with application permissions it is needed. */
  readonly members?: readonly ConversationMember[] | undefined
  /** @default 'shared' */
  readonly membershipType?: 'shared' | undefined
  readonly [property: string]: unknown
}

/**
 * Creates a shared channel. Graph creates the other kinds at once: there is no operation to follow.
 *
 * @throws TypeError when an argument is not as expected
 */
export function createChannel(teamId: string, channel: NewSharedChannel): StartRequest {
  const { displayName, membershipType = 'shared' } = channel
  if (membershipType !== 'shared') {
    throw new TypeError(
      `Expected \`membershipType\` to be shared, got ${shortened(membershipType)}: Graph creates other channels at once, without an operation`,
    )
  }
  return {
    method: 'POST',
    version: 'v1.0',
    path: `/teams/${expectTeamId(teamId)}/channels`,
    body: { ...channel, displayName: expectText('displayName', displayName), membershipType },
    description: `create channel ${displayName} in team ${teamId}`,
  }
}
