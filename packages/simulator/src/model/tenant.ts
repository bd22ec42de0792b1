import type { OperationScript } from './operation-script.ts'
import type { SimulatedOperation } from './simulated-operation.ts'
import type { Channel, Chat, Team } from './team.ts'

export interface TeamSeed {
  /** @default a new GUID */
  readonly id?: string | undefined
  readonly displayName?: string | undefined
  readonly description?: string | null | undefined
  /** @default 'private' */
  readonly visibility?: string | undefined
  readonly isArchived?: boolean | undefined
}

export interface ChannelSeed {
  /** @default a new `19:…@thread.tacv2` */
  readonly id?: string | undefined
  readonly displayName?: string | undefined
  readonly description?: string | null | undefined
  /** @default 'standard' */
  readonly membershipType?: string | undefined
  readonly isArchived?: boolean | undefined
}

export interface ChatSeed {
  /** @default a new `19:…@thread.v2` */
  readonly id?: string | undefined
  /** @default 'group' */
  readonly chatType?: string | undefined
  readonly topic?: string | null | undefined
  readonly members?: readonly string[] | undefined
}

/** An operation to be there from the beginning, or to begin now. */
export interface OperationSeed {
  /** The team it belongs to, which is added if it is not there. @default a new team */
  readonly teamId?: string | undefined
  /** The chat it belongs to, instead of a team; added if it is not there. */
  readonly chatId?: string | undefined
  /** The channel that it archives or unarchives, which is added if it is not there. @default a new channel */
  readonly channelId?: string | undefined
  readonly id?: string | undefined
  /** @default 'archiveTeam', or 'createChat' for one of a chat */
  readonly operationType?: string | undefined
  readonly script?: OperationScript | undefined
  /** How long ago it started. @default 0 */
  readonly startedAgoMs?: number | undefined
}

export interface ScriptScope {
  /** Only operations of this type. @default any */
  readonly operationType?: string | undefined
  /** Only operations of this team or chat. @default any */
  readonly ownerId?: string | undefined
  /** For how many operations it holds; `Infinity` for all from now on. @default 1 */
  readonly times?: number | undefined
}

/**
 * One simulated tenant: its teams, channels, chats and operations. It has one user, who is in every team
 * and every chat. What operations change shows when they have succeeded.
 */
export interface Tenant {
  /** By identifier, GUIDs in lower case; those included that an operation is still creating. */
  readonly teams: ReadonlyMap<string, Team>
  readonly chats: ReadonlyMap<string, Chat>
  addTeam(seed?: TeamSeed): Team
  /** @throws {RangeError} when the tenant has no such team */
  addChannel(teamId: string, seed?: ChannelSeed): Channel
  addChat(seed?: ChatSeed): Chat
  /** Adds an operation without a request that starts it. It changes the tenant as a started one does. */
  addOperation(seed?: OperationSeed): SimulatedOperation
  /**
   * Says what the operations that start next will do. Scripts are used up in the order in which they were
   * given; what they leave open, and operations that none of them is meant for, follow the simulator's
   * own `script`.
   */
  script(script: OperationScript, scope?: ScriptScope): void
  team(id: string): Team | undefined
  channel(teamId: string, id: string): Channel | undefined
  /** Those of one team, in the order in which they were added. */
  channelsOf(teamId: string): readonly Channel[]
  /** The operation with this `Location`, in any spelling that can be read; `undefined` if there is none. */
  operation(location: string): SimulatedOperation | undefined
  operations(): Iterable<SimulatedOperation>
  /** Those of one team or chat, in the order in which they started. */
  operationsOf(ownerId: string): readonly SimulatedOperation[]
  /** Forgets an operation, as if it had never been. */
  removeOperation(operation: SimulatedOperation): void
}
