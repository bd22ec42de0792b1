import { startChangeChannel, startCreateChannel } from '../model/start-operation.ts'
import { isArchived, isThere, type Channel } from '../model/team.ts'
import type { Reply } from '../reply.ts'
import { accepted } from './accepted.ts'
import { collection } from './collection.ts'
import { badRequest, jsonBody } from './graph-error.ts'
import { arrayIn, textIn } from './request-body.ts'
import { channelOf, contextOf, created, ofTeam, ok, teamOf, type Route, type RouteCall } from './route.ts'

/** Reading channels, and starting what creates or changes one. */
export const channelRoutes: readonly Route[] = [
  {
    name: 'channels',
    kind: 'read',
    method: 'GET',
    paths: ofTeam('/channels'),
    limit: 'get',
    handle: (call) => {
      const team = teamOf(call)
      return collection(call, call.tenant.channelsOf(team.id).filter(isThere), channelJson, {
        context: `teams('${team.id}')/channels`,
      })
    },
  },
  {
    name: 'channel',
    kind: 'read',
    method: 'GET',
    paths: ofTeam('/channels/{channelId}'),
    limit: 'get',
    handle: (call) => ok(channelEntity(call, channelOf(call))),
  },
  {
    name: 'createChannel',
    kind: 'start',
    method: 'POST',
    paths: ofTeam('/channels'),
    limit: 'createChannel',
    handle: createChannel,
  },
  {
    name: 'archiveChannel',
    kind: 'start',
    method: 'POST',
    paths: ofTeam('/channels/{channelId}/archive'),
    limit: 'other',
    handle: (call) => changeChannel(call, 'archiveChannel'),
  },
  {
    name: 'unarchiveChannel',
    kind: 'start',
    method: 'POST',
    paths: ofTeam('/channels/{channelId}/unarchive'),
    limit: 'other',
    handle: (call) => changeChannel(call, 'unarchiveChannel'),
  },
]

function channelJson(channel: Channel): Readonly<Record<string, unknown>> {
  return {
    id: channel.id,
    createdDateTime: channel.createdDateTime,
    displayName: channel.displayName,
    description: channel.description,
    membershipType: channel.membershipType,
    isArchived: isArchived(channel),
  }
}

function channelEntity(call: RouteCall, channel: Channel): Readonly<Record<string, unknown>> {
  const context = contextOf(call, `teams('${call.params['teamId']}')/channels/$entity`)
  return { '@odata.context': context, ...channelJson(channel) }
}

const membershipTypes: ReadonlySet<string> = new Set(['standard', 'private', 'shared'])

/** Only a shared channel takes an operation; any other is there with the answer. */
function createChannel(call: RouteCall): Reply {
  const team = teamOf(call)
  const body = jsonBody(call.exchange)
  const displayName = textIn(body, 'displayName')
  if (displayName === undefined) throw badRequest('Channel name cannot be null or empty.')
  if (displayName.length > 50) throw badRequest('Channel name cannot be longer than 50 characters.')
  if (
    call.tenant.channelsOf(team.id).some((channel) => isThere(channel) && channel.displayName === displayName)
  ) {
    throw badRequest('Channel name already existed, please use other name.')
  }
  const membershipType = textIn(body, 'membershipType') ?? 'standard'
  if (!membershipTypes.has(membershipType)) {
    throw badRequest(`Requested value '${membershipType}' was not found for membershipType.`)
  }
  const owners = arrayIn(body, 'members')
  const seed = { displayName, membershipType, description: textIn(body, 'description') }
  if (membershipType !== 'shared') {
    const channel = call.tenant.addChannel(team.id, seed)
    return created(channelEntity(call, channel), `/teams('${team.id}')/channels('${channel.id}')`)
  }
  if (owners.length > 1) throw badRequest('Only one owner can be added while a shared channel is created.')
  const operation = startCreateChannel(call.tenant, team, { ...seed, id: call.tenant.newThreadId('tacv2') })
  return accepted(operation, 'slash')
}

function changeChannel(call: RouteCall, operationType: 'archiveChannel' | 'unarchiveChannel'): Reply {
  const team = teamOf(call)
  const channel = channelOf(call)
  if (isArchived(team)) throw badRequest('Team has to be active, for channel to be archived or unarchived.')
  jsonBody(call.exchange)
  return accepted(startChangeChannel(call.tenant, operationType, channel), 'slash')
}
