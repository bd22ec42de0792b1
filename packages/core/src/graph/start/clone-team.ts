import type { StartRequest } from '../start-request.ts'
import { expectTeamId, expectText } from './expect-argument.ts'

export type ClonableTeamPart = 'apps' | 'tabs' | 'settings' | 'channels' | 'members'

/**
 * The body of `POST /teams/{id}/clone`, in Graph's own words and open for all that it takes.
 *
 * @see https://learn.microsoft.com/graph/api/team-clone
 */
export interface TeamClone {
  readonly displayName: string
  /** As an array, or as Graph takes it: `apps,tabs,settings,channels,members`. */
  readonly partsToClone: readonly ClonableTeamPart[] | string
  readonly description?: string | undefined
  readonly visibility?: string | undefined
  readonly classification?: string | undefined
  /** Ignored by Graph, which computes it from the name. */
  readonly mailNickname?: string | undefined
  readonly [property: string]: unknown
}

/**
 * The id of the new team is the `targetResourceId` of the operation.
 *
 * @param teamId of the team to copy
 * @throws TypeError when an argument is not as expected
 */
export function cloneTeam(teamId: string, clone: TeamClone): StartRequest {
  const { displayName, partsToClone } = clone
  return {
    method: 'POST',
    version: 'v1.0',
    path: `/teams/${expectTeamId(teamId)}/clone`,
    body: {
      ...clone,
      displayName: expectText('displayName', displayName),
      partsToClone: expectText(
        'partsToClone',
        Array.isArray(partsToClone) ? partsToClone.join(',') : partsToClone,
        'one or more of apps, tabs, settings, channels, members',
      ),
    },
    description: `clone team ${teamId}`,
  }
}
