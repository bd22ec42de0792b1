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

/** One for each method of Graph that starts an operation, and the words of Graph for those of the contract. */
export const mutationResolvers: Resolvers = {
  Mutation: {
    archiveTeam: startField('archiveTeam', ({ teamId, ...options }: OfTeam & ArchiveArguments) =>
      archiveTeam(teamId, archiveOptions(options)),
    ),
    unarchiveTeam: startField('unarchiveTeam', ({ teamId }: OfTeam) => unarchiveTeam(teamId)),
    cloneTeam: startField('cloneTeam', ({ teamId, clone }: OfTeam & { readonly clone: TeamCloneArgument }) =>
      cloneTeam(teamId, teamClone(clone)),
    ),
    createTeam: startField('createTeam', ({ team }: { readonly team: NewTeamArgument }) =>
      createTeam(newTeam(team)),
    ),
    createChannel: startField(
      'createChannel',
      ({ teamId, channel }: OfTeam & { readonly channel: NewSharedChannelArgument }) =>
        createChannel(teamId, newSharedChannel(channel)),
    ),
    archiveChannel: startField(
      'archiveChannel',
      ({ teamId, channelId, ...options }: OfChannel & ArchiveArguments) =>
        archiveChannel(teamId, channelId, archiveOptions(options)),
    ),
    unarchiveChannel: startField('unarchiveChannel', ({ teamId, channelId }: OfChannel) =>
      unarchiveChannel(teamId, channelId),
    ),
    createChat: startField('createChat', ({ chat }: { readonly chat: NewChatArgument }) =>
      createChat(newChat(chat)),
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
