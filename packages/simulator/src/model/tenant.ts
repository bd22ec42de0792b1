import type { Clock } from '@teams-operations/core/testing'
import type { Random } from '../random.ts'
import { planOf, type OperationScript } from './operation-script.ts'
import { parseOperationLocation } from './resource-path.ts'
import { keyOf, operationKey, type OwnerKind } from './resource-id.ts'
import { SimulatedOperation } from './simulated-operation.ts'
import { isArchived, type Channel, type Chat, type Team } from './team.ts'
import { timestamp } from './timestamp.ts'
import { workflowOf } from './workflow.ts'

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

interface ScriptedNext extends ScriptScope {
  readonly script: OperationScript
  timesLeft: number
}

/** What an operation is started with. */
export interface Start {
  readonly operationType: string
  readonly ownerKind: OwnerKind
  readonly ownerId: string
  readonly targetResourceId: string
  readonly targetResourceLocation: string
  readonly id?: string | undefined
  readonly script?: OperationScript | undefined
  readonly startedAgoMs?: number | undefined
  readonly appIds?: readonly string[] | undefined
}

/**
 * One simulated tenant: its teams, channels, chats and operations. It has one user, who is in every team
 * and every chat. What operations change shows when they have succeeded.
 */
export class Tenant {
  readonly teams: Map<string, Team> = new Map()
  readonly chats: Map<string, Chat> = new Map()
  readonly #operations = new Map<string, SimulatedOperation>()
  readonly #byOwner = new Map<string, SimulatedOperation[]>()
  readonly #scripted: ScriptedNext[] = []
  readonly #defaultScript: OperationScript
  readonly #clock: Clock
  readonly #random: Random

  constructor(clock: Clock, random: Random, defaultScript: OperationScript) {
    this.#clock = clock
    this.#random = random
    this.#defaultScript = defaultScript
  }

  addTeam(seed: TeamSeed = {}, createdBy?: SimulatedOperation): Team {
    const id = seed.id ?? this.#random.guid()
    const createdDateTime = this.#timestamp()
    const team: Team = {
      id,
      displayName: seed.displayName ?? `Team ${this.teams.size + 1}`,
      description: seed.description ?? null,
      visibility: seed.visibility ?? 'private',
      createdDateTime,
      channels: new Map(),
      createdBy,
      wasArchived: seed.isArchived ?? false,
      archiving: [],
    }
    this.teams.set(keyOf(id), team)
    return team
  }

  /** @throws {RangeError} when the tenant has no such team */
  addChannel(teamId: string, seed: ChannelSeed = {}, createdBy?: SimulatedOperation): Channel {
    const team = this.team(teamId)
    if (!team) throw new RangeError(`Expected the id of a team that was added before, got '${teamId}'`)
    const channel: Channel = {
      id: seed.id ?? this.newChannelId(),
      displayName: seed.displayName ?? `Channel ${team.channels.size + 1}`,
      description: seed.description ?? null,
      membershipType: seed.membershipType ?? 'standard',
      createdDateTime: this.#timestamp(),
      createdBy,
      wasArchived: seed.isArchived ?? false,
      archiving: [],
    }
    team.channels.set(channel.id, channel)
    return channel
  }

  addChat(seed: ChatSeed = {}, createdBy?: SimulatedOperation): Chat {
    const chat: Chat = {
      id: seed.id ?? this.newChatId(),
      chatType: seed.chatType ?? 'group',
      topic: seed.topic ?? null,
      createdDateTime: this.#timestamp(),
      createdBy,
      members: seed.members ?? [],
    }
    this.chats.set(chat.id, chat)
    return chat
  }

  /** Adds an operation without a request that starts it. It changes the tenant as a started one does. */
  addOperation(seed: OperationSeed = {}): SimulatedOperation {
    if (seed.chatId !== undefined) {
      const chat = this.chats.get(seed.chatId) ?? this.addChat({ id: seed.chatId })
      return this.start({
        ...seed,
        operationType: seed.operationType ?? 'createChat',
        ownerKind: 'chat',
        ownerId: chat.id,
        targetResourceId: chat.id,
        targetResourceLocation: `/chats('${chat.id}')`,
      })
    }
    const team =
      (seed.teamId === undefined ? undefined : this.team(seed.teamId)) ?? this.addTeam({ id: seed.teamId })
    const operation = this.start({
      ...seed,
      operationType: seed.operationType ?? 'archiveTeam',
      ownerKind: 'team',
      ownerId: team.id,
      targetResourceId: team.id,
      targetResourceLocation: `/teams('${team.id}')`,
    })
    if (operation.operationType === 'archiveTeam' || operation.operationType === 'unarchiveTeam') {
      this.archiveBy(team, operation)
    }
    return operation
  }

  /**
   * Says what the operations that start next will do. Scripts are used up in the order in which they were
   * given; operations that none of them is meant for follow the simulator's `script`.
   */
  script(script: OperationScript, scope: ScriptScope = {}): void {
    this.#scripted.push({ ...scope, script, timesLeft: scope.times ?? 1 })
  }

  /** The operation with this `Location`, in any spelling that can be read; `undefined` if there is none. */
  operation(location: string): SimulatedOperation | undefined {
    return this.#operations.get(parseOperationLocation(location) ?? location)
  }

  operations(): Iterable<SimulatedOperation> {
    return this.#operations.values()
  }

  /** Those of one team or chat, in the order in which they started. */
  operationsOf(ownerId: string): readonly SimulatedOperation[] {
    return this.#byOwner.get(keyOf(ownerId)) ?? []
  }

  /** Forgets an operation, as if it had never been. */
  removeOperation(operation: SimulatedOperation): void {
    this.#operations.delete(operationKeyOf(operation))
    const ownerKey = keyOf(operation.identity.ownerId)
    const left = this.operationsOf(ownerKey).filter((other) => other !== operation)
    if (left.length > 0) this.#byOwner.set(ownerKey, left)
    else this.#byOwner.delete(ownerKey)
  }

  team(id: string): Team | undefined {
    return this.teams.get(keyOf(id))
  }

  start(start: Start): SimulatedOperation {
    const startedAt = this.#clock.monotonic() - (start.startedAgoMs ?? 0)
    const script = { ...this.#defaultScript, ...(start.script ?? this.#nextScript(start)) }
    const workflow = workflowOf(start.operationType, start.appIds, this.#random)
    const operation = new SimulatedOperation(
      {
        id: start.id ?? this.#newOperationId(start.ownerKind),
        operationType: start.operationType,
        ownerKind: start.ownerKind,
        ownerId: start.ownerId,
        createdDateTime: this.#timestamp(-(start.startedAgoMs ?? 0)),
        targetResourceId:
          script.targetResourceId === undefined ? start.targetResourceId : script.targetResourceId,
        targetResourceLocation:
          script.targetResourceLocation === undefined
            ? start.targetResourceLocation
            : script.targetResourceLocation,
        value: workflow,
      },
      planOf(script, start.operationType, this.#random),
      startedAt,
      this.#clock,
    )
    this.#operations.set(operationKeyOf(operation), operation)
    const ownerKey = keyOf(start.ownerId)
    const siblings = this.#byOwner.get(ownerKey)
    if (siblings) siblings.push(operation)
    else this.#byOwner.set(ownerKey, [operation])
    return operation
  }

  /** Lets an operation change whether a team or channel is archived, once it has succeeded. */
  archiveBy(resource: Team | Channel, operation: SimulatedOperation): void {
    // What has ended is taken in first, so that the list of those that may still end stays short.
    isArchived(resource)
    resource.archiving.push(operation)
  }

  newTeamId(): string {
    return this.#random.guid()
  }

  newChannelId(): string {
    return `19:${this.#random.guid().replaceAll('-', '')}@thread.tacv2`
  }

  newChatId(): string {
    return `19:${this.#random.guid().replaceAll('-', '')}@thread.v2`
  }

  #newOperationId(ownerKind: OwnerKind): string {
    if (ownerKind === 'team') return this.#random.guid()
    return `${this.#random.guid()}-${this.#random.guid()}-${this.#random.guid()}`
  }

  #nextScript(start: Start): OperationScript {
    const index = this.#scripted.findIndex(
      ({ operationType = start.operationType, ownerId = start.ownerId }) =>
        operationType === start.operationType && keyOf(ownerId) === keyOf(start.ownerId),
    )
    const next = this.#scripted[index]
    if (!next) return {}
    next.timesLeft -= 1
    if (next.timesLeft <= 0) this.#scripted.splice(index, 1)
    return next.script
  }

  /** In recorded traffic the service's own clock is 0.4 to 1.4 seconds behind the `Date` of its answer. */
  #timestamp(offsetMs = 0): string {
    return timestamp(this.#clock.now() + offsetMs - this.#random.integer(400, 1_400), this.#random)
  }
}

function operationKeyOf(operation: SimulatedOperation): string {
  const { ownerKind, ownerId, id } = operation.identity
  return operationKey(ownerKind, ownerId, id)
}
