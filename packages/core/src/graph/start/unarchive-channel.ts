import type { StartRequest } from '../start-request.ts'
import { channelPath } from './archive-channel.ts'

/**
 * The team has to be active: the channels of an archived one are refused.
 *
 * @throws TypeError when an id is none
 * @see https://learn.microsoft.com/graph/api/channel-unarchive
 */
export function unarchiveChannel(teamId: string, channelId: string): StartRequest {
  return {
    method: 'POST',
    version: 'v1.0',
    path: `${channelPath(teamId, channelId)}/unarchive`,
    description: `unarchive channel ${channelId} of team ${teamId}`,
  }
}
