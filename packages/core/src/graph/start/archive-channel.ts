import type { StartRequest } from '../start-request.ts'
import type { ArchiveOptions } from './archive-team.ts'
import { expectChannelId, expectTeamId } from './expect-argument.ts'

/**
 * The team has to be active: the channels of an archived one are refused.
 *
 * @throws TypeError when an id is none
 * @see https://learn.microsoft.com/graph/api/channel-archive
 */
export function archiveChannel(teamId: string, channelId: string, options?: ArchiveOptions): StartRequest {
  return {
    method: 'POST',
    version: 'v1.0',
    path: `${channelPath(teamId, channelId)}/archive`,
    body: options,
    description: `archive channel ${channelId} of team ${teamId}`,
  }
}

export function channelPath(teamId: string, channelId: string): string {
  return `/teams/${expectTeamId(teamId)}/channels/${encodeURIComponent(expectChannelId(channelId))}`
}
