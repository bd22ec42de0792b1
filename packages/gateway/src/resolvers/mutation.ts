import {
  archiveChannel,
  archiveTeam,
  cloneTeam,
  createChannel,
  createChat,
  createTeam,
  unarchiveChannel,
  unarchiveTeam,
} from '@teams-operations/core'
import {
  archiveOptions,
  newChat,
  newSharedChannel,
  newTeam,
  teamClone,
  type ArchiveArguments,
  type NewChatArgument,
  type NewSharedChannelArgument,
  type NewTeamArgument,
  type TeamCloneArgument,
} from './start-argument.ts'
import type { Resolvers } from './resolvers.ts'
import { startField } from './start-field.ts'

interface OfTeam {
  readonly teamId: string
}

interface OfChannel extends OfTeam {
  readonly channelId: string
}

function teamOf({ teamId }: OfTeam): string {
  return teamId
}

/** One for each method of Graph that starts an operation, and the words of Graph for those of the contract. */
export const mutationResolvers: Resolvers = {
  Mutation: {
    archiveTeam: startField(
      'archiveTeam',
      ({ teamId, ...options }: OfTeam & ArchiveArguments) => archiveTeam(teamId, archiveOptions(options)),
      teamOf,
    ),
    unarchiveTeam: startField('unarchiveTeam', ({ teamId }: OfTeam) => unarchiveTeam(teamId), teamOf),
    cloneTeam: startField(
      'cloneTeam',
      ({ teamId, clone }: OfTeam & { readonly clone: TeamCloneArgument }) =>
        cloneTeam(teamId, teamClone(clone)),
      teamOf,
    ),
    createTeam: startField(
      'createTeam',
      ({ team }: { readonly team: NewTeamArgument }) => createTeam(newTeam(team)),
      ({ team }) => team.groupId ?? undefined,
    ),
    createChannel: startField(
      'createChannel',
      ({ teamId, channel }: OfTeam & { readonly channel: NewSharedChannelArgument }) =>
        createChannel(teamId, newSharedChannel(channel)),
      teamOf,
    ),
    archiveChannel: startField(
      'archiveChannel',
      ({ teamId, channelId, ...options }: OfChannel & ArchiveArguments) =>
        archiveChannel(teamId, channelId, archiveOptions(options)),
      teamOf,
    ),
    unarchiveChannel: startField(
      'unarchiveChannel',
      ({ teamId, channelId }: OfChannel) => unarchiveChannel(teamId, channelId),
      teamOf,
    ),
    createChat: startField(
      'createChat',
      ({ chat }: { readonly chat: NewChatArgument }) => createChat(newChat(chat)),
      () => undefined,
    ),
  },
  ClonableTeamPart: {
    APPS: 'apps',
    TABS: 'tabs',
    SETTINGS: 'settings',
    CHANNELS: 'channels',
    MEMBERS: 'members',
  },
  TeamVisibility: { PRIVATE: 'private', PUBLIC: 'public', HIDDEN_MEMBERSHIP: 'hiddenMembership' },
  ChatType: { ONE_ON_ONE: 'oneOnOne', GROUP: 'group' },
  ConversationMemberRole: { OWNER: 'owner', GUEST: 'guest' },
}
