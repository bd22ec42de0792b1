import type { StartRequest } from '../start-request.ts'
import type { ConversationMember } from './conversation-member.ts'
import { expectText } from './expect-argument.ts'

/**
 * The body of `POST /teams`, in Graph's own words and open for all that it takes.
 *
 * @see https://learn.microsoft.com/graph/api/team-post
 */
export interface NewTeam {
  /** Needed unless the team is made of a group, whose name it then has. */
  readonly displayName?: string | undefined
  readonly description?: string | undefined
  readonly visibility?: string | undefined
  /** @default "/teamsTemplates('standard')" */
  readonly 'template@odata.bind'?: string | undefined
  /** `/groups('{id}')`: makes a team of a group. */
  readonly 'group@odata.bind'?: string | undefined
  /** With application permissions exactly one owner is needed. */
  readonly members?: readonly ConversationMember[] | undefined
  readonly [property: string]: unknown
}

/** @throws TypeError without a `displayName`, unless it is made of a group */
export function createTeam(team: NewTeam): StartRequest {
  const group = team['group@odata.bind']
  const name = group === undefined ? expectText('displayName', team.displayName) : `of ${group}`
  return {
    method: 'POST',
    version: 'v1.0',
    path: '/teams',
    body: { ...team, 'template@odata.bind': team['template@odata.bind'] ?? "/teamsTemplates('standard')" },
    description: `create team ${name}`,
  }
}
