import type { StartRequest } from '../start-request.ts'
import { expectTeamId } from './expect-argument.ts'

/**
 * @throws TypeError when `teamId` is no GUID
 * @see https://learn.microsoft.com/graph/api/team-unarchive
 */
export function unarchiveTeam(teamId: string): StartRequest {
  return {
    method: 'POST',
    version: 'v1.0',
    path: `/teams/${expectTeamId(teamId)}/unarchive`,
    description: `unarchive team ${teamId}`,
  }
}
