import type { StartRequest } from '../start-request.ts'
import { expectTeamId } from './expect-argument.ts'

/** What archiving a team or a channel takes. */
export interface ArchiveOptions {
  /** Whether the members may only read the SharePoint site of the team from then on. @default false */
  readonly shouldSetSpoSiteReadOnlyForMembers?: boolean | undefined
  readonly [property: string]: unknown
}

/**
 * @throws TypeError when `teamId` is no GUID
 * @see https://learn.microsoft.com/graph/api/team-archive
 */
export function archiveTeam(teamId: string, options?: ArchiveOptions): StartRequest {
  return {
    method: 'POST',
    version: 'v1.0',
    path: `/teams/${expectTeamId(teamId)}/archive`,
    body: options,
    description: `archive team ${teamId}`,
  }
}
