import {
  conversationMember,
  type ArchiveOptions,
  type ClonableTeamPart,
  type ConversationMember,
  type NewChat,
  type NewSharedChannel,
  type NewTeam,
  type TeamClone,
} from '@teams-operations/core'

/** GraphQL lets clients leave out what is optional, or say `null`. */
type Optional<T> = T | null | undefined

export interface ArchiveArguments {
  readonly shouldSetSpoSiteReadOnlyForMembers?: Optional<boolean>
}

/** `TeamClone` of the contract. Enumerations arrive in the words of Graph. */
export interface TeamCloneArgument {
  readonly displayName: string
  readonly partsToClone: readonly ClonableTeamPart[]
  readonly description?: Optional<string>
  readonly visibility?: Optional<string>
  readonly classification?: Optional<string>
}

/** `NewTeam` of the contract. */
export interface NewTeamArgument {
  readonly displayName?: Optional<string>
  readonly description?: Optional<string>
  readonly visibility?: Optional<string>
  readonly templateId: string
  readonly groupId?: Optional<string>
  readonly members?: Optional<readonly MemberArgument[]>
}

/** `NewSharedChannel` of the contract. */
export interface NewSharedChannelArgument {
  readonly displayName: string
  readonly description?: Optional<string>
  readonly members?: Optional<readonly MemberArgument[]>
}

/** `NewChat` of the contract. */
export interface NewChatArgument {
  readonly chatType: 'oneOnOne' | 'group'
  readonly topic?: Optional<string>
  readonly members: readonly MemberArgument[]
  readonly installedApps: readonly { readonly teamsAppId: string }[]
}

/** `ConversationMember` of the contract. */
export interface MemberArgument {
  readonly user: string
  readonly roles: readonly string[]
}

/** What is sent for it: no body at all unless something is asked for. */
export function archiveOptions({
  shouldSetSpoSiteReadOnlyForMembers: isReadOnly,
}: ArchiveArguments): ArchiveOptions | undefined {
  return isReadOnly == null ? undefined : { shouldSetSpoSiteReadOnlyForMembers: isReadOnly }
}

/** What the core takes for it. */
export function teamClone({ displayName, partsToClone, ...rest }: TeamCloneArgument): TeamClone {
  return { displayName, partsToClone, ...given(rest) }
}

/** What the core takes for it. */
export function newTeam({ templateId, groupId, members, ...rest }: NewTeamArgument): NewTeam {
  return {
    ...given(rest),
    'template@odata.bind': `/teamsTemplates('${key('templateId', templateId)}')`,
    'group@odata.bind': groupId == null ? undefined : `/groups('${key('groupId', groupId)}')`,
    members: members == null ? undefined : conversationMembers(members),
  }
}

/** What the core takes for it. */
export function newSharedChannel({
  displayName,
  members,
  ...rest
}: NewSharedChannelArgument): NewSharedChannel {
  return {
    displayName,
    ...given(rest),
    members: members == null ? undefined : conversationMembers(members),
  }
}

/** What the core takes for it. */
export function newChat({ chatType, members, installedApps, ...rest }: NewChatArgument): NewChat {
  return {
    chatType,
    ...given(rest),
    members: conversationMembers(members),
    installedApps: installedApps.map(({ teamsAppId }) => ({
      'teamsApp@odata.bind': `/appCatalogs/teamsApps('${key('teamsAppId', teamsAppId)}')`,
    })),
  }
}

function conversationMembers(members: readonly MemberArgument[]): readonly ConversationMember[] {
  return members.map(({ user, roles }) => conversationMember(user, roles))
}

/**
 * The id as it stands between quotes in a URL.
 *
 * @throws TypeError when there is none
 */
function key(name: string, id: string): string {
  if (id.trim() === '') throw new TypeError(`Expected \`${name}\` to be an id, got an empty string`)
  return encodeURIComponent(id).replaceAll("'", "''")
}

/** Graph does not take `null` for everything that may be left out. */
function given(values: Readonly<Record<string, Optional<string>>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value == null ? [] : [[name, value]])),
  )
}
