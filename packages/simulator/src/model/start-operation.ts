import type { SimulatedOperation } from './simulated-operation.ts'
import { isArchived, type Channel, type Team } from './team.ts'
import type { OperationStart, StartOptions, TenantModel } from './tenant-model.ts'
import type { ChannelSeed, ChatSeed, TeamSeed } from './tenant.ts'

type WithId<Seed> = Seed & { readonly id: string }

/** Starts the creation of a team. Its operation can be read before the team itself. */
export function startCreateTeam(
  tenant: TenantModel,
  team: WithId<TeamSeed>,
  options?: StartOptions,
): SimulatedOperation {
  const operation = tenant.start(ofTeam('createTeam', team.id, team.id), options)
  tenant.addTeam(team, operation)
  return operation
}

/**
 * Starts the copying of a team. Whether such an operation belongs to the source or to the new team is
 * documented nowhere; here it is the source, and the target is the new one.
 */
export function startCloneTeam(
  tenant: TenantModel,
  source: Team,
  team: WithId<TeamSeed>,
  options?: StartOptions,
): SimulatedOperation {
  const operation = tenant.start(ofTeam('cloneTeam', source.id, team.id), options)
  tenant.addTeam(team, operation)
  return operation
}

/** Starts archiving or unarchiving a team. */
export function startChangeTeam(
  tenant: TenantModel,
  operationType: 'archiveTeam' | 'unarchiveTeam',
  team: Team,
  options?: StartOptions,
): SimulatedOperation {
  return archivedBy(team, tenant.start(ofTeam(operationType, team.id, team.id), options))
}

/** Starts the creation of a shared channel. */
export function startCreateChannel(
  tenant: TenantModel,
  team: Team,
  channel: WithId<ChannelSeed>,
  options?: StartOptions,
): SimulatedOperation {
  const operation = tenant.start(ofChannel('createChannel', team.id, channel.id), options)
  tenant.addChannel(team.id, channel, operation)
  return operation
}

/** Starts archiving or unarchiving a channel. */
export function startChangeChannel(
  tenant: TenantModel,
  operationType: 'archiveChannel' | 'unarchiveChannel',
  channel: Channel,
  options?: StartOptions,
): SimulatedOperation {
  return archivedBy(channel, tenant.start(ofChannel(operationType, channel.teamId, channel.id), options))
}

/** Starts the creation of a chat with apps in it. */
export function startCreateChat(
  tenant: TenantModel,
  chat: WithId<ChatSeed>,
  appIds: readonly string[],
  options?: StartOptions,
): SimulatedOperation {
  const operation = tenant.start({ ...ofChat('createChat', chat.id), appIds }, options)
  tenant.addChat(chat, operation)
  return operation
}

/** Whose operation it is, and what it changes. */
export function ofTeam(operationType: string, ownerId: string, targetId: string): OperationStart {
  const targetResourceLocation = `/teams('${targetId}')`
  return { operationType, ownerKind: 'team', ownerId, targetResourceId: targetId, targetResourceLocation }
}

function ofChannel(operationType: string, teamId: string, channelId: string): OperationStart {
  const targetResourceLocation = `/teams('${teamId}')/channels('${channelId}')`
  return { ...ofTeam(operationType, teamId, channelId), targetResourceLocation }
}

export function ofChat(operationType: string, chatId: string): OperationStart {
  const targetResourceLocation = `/chats('${chatId}')`
  return {
    operationType,
    ownerKind: 'chat',
    ownerId: chatId,
    targetResourceId: chatId,
    targetResourceLocation,
  }
}

/** Lets an operation change whether something is archived, once it has succeeded. */
function archivedBy(resource: Team | Channel, operation: SimulatedOperation): SimulatedOperation {
  // What has ended is taken in first, so that the list of those that may still end stays short.
  isArchived(resource)
  resource.archiving = [...resource.archiving, operation]
  return operation
}
