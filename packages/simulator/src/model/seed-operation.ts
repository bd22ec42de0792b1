import type { SimulatedOperation } from './simulated-operation.ts'
import {
  ofChat,
  ofTeam,
  startChangeChannel,
  startChangeTeam,
  startCloneTeam,
  startCreateChannel,
  startCreateChat,
  startCreateTeam,
} from './start-operation.ts'
import type { Channel, Team } from './team.ts'
import type { TenantModel } from './tenant-model.ts'
import type { OperationSeed } from './tenant.ts'

/** Adds an operation of any type as if a request had started it, with what it needs around it. */
export function seedOperation(tenant: TenantModel, seed: OperationSeed): SimulatedOperation {
  const { chatId, operationType = chatId === undefined ? 'archiveTeam' : 'createChat' } = seed
  return chatId !== undefined || operationType === 'createChat'
    ? seedOfChat(tenant, operationType, seed)
    : seedOfTeam(tenant, operationType, seed)
}

function seedOfChat(tenant: TenantModel, operationType: string, seed: OperationSeed): SimulatedOperation {
  const { chatId = tenant.newThreadId('v2') } = seed
  const isNew = !tenant.chats.has(chatId)
  if (isNew && operationType === 'createChat') {
    return startCreateChat(tenant, { id: chatId }, [tenant.newGuid()], seed)
  }
  if (isNew) tenant.addChat({ id: chatId })
  return tenant.start(ofChat(operationType, chatId), seed)
}

function seedOfTeam(tenant: TenantModel, operationType: string, seed: OperationSeed): SimulatedOperation {
  const { teamId = tenant.newGuid() } = seed
  const known = tenant.team(teamId)
  if (!known && operationType === 'createTeam') return startCreateTeam(tenant, { id: teamId }, seed)
  const team = known ?? tenant.addTeam({ id: teamId })
  switch (operationType) {
    case 'archiveTeam':
    case 'unarchiveTeam':
      return startChangeTeam(tenant, operationType, team, seed)
    case 'cloneTeam':
      return startCloneTeam(tenant, team, { id: tenant.newGuid() }, seed)
    case 'createChannel':
      return startCreateChannel(tenant, team, { id: seed.channelId ?? tenant.newThreadId('tacv2') }, seed)
    case 'archiveChannel':
    case 'unarchiveChannel':
      return startChangeChannel(tenant, operationType, channelOf(tenant, team, seed.channelId), seed)
    default:
      return tenant.start(ofTeam(operationType, team.id, team.id), seed)
  }
}

function channelOf(tenant: TenantModel, team: Team, channelId: string | undefined): Channel {
  const channel = channelId === undefined ? undefined : tenant.channel(team.id, channelId)
  return channel ?? tenant.addChannel(team.id, { id: channelId })
}
