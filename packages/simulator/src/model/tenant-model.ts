import type { Clock } from '@teams-operations/core/testing'
import type { Random } from '../random.ts'
import { planOf, type OperationScript } from './operation-script.ts'
import { keyOf, type OwnerKind } from './resource-id.ts'
import { parseOperationLocation } from './resource-path.ts'
import { seedOperation } from './seed-operation.ts'
import { SimulatedOperation } from './simulated-operation.ts'
import type { Channel, Chat, Team } from './team.ts'
import type { ChannelSeed, ChatSeed, OperationSeed, ScriptScope, TeamSeed, Tenant } from './tenant.ts'
import { timestamp } from './timestamp.ts'
import { workflowOf } from './workflow.ts'

interface ScriptedNext extends ScriptScope {
  readonly script: OperationScript
  timesLeft: number
}

/** What may be told of an operation whichever way it starts. */
export interface StartOptions {
  /** @default a new identifier */
  readonly id?: string | undefined
  /** @default what was scripted for the next one */
  readonly script?: OperationScript | undefined
  readonly startedAgoMs?: number | undefined
}

/** What is started, and for whom. */
export interface OperationStart {
  readonly operationType: string
  readonly ownerKind: OwnerKind
  readonly ownerId: string
  readonly targetResourceId: string
  readonly targetResourceLocation: string
  readonly appIds?: readonly string[] | undefined
}

/** The {@link Tenant} with the side that requests change. */
export class TenantModel implements Tenant {
  readonly teams: Map<string, Team> = new Map()
  readonly chats: Map<string, Chat> = new Map()
  readonly #channels = new Map<string, Map<string, Channel>>()
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
    const team: Team = {
      id: seed.id ?? this.newGuid(),
      displayName: seed.displayName ?? `Team ${this.teams.size + 1}`,
      description: seed.description ?? null,
      visibility: seed.visibility ?? 'private',
      createdDateTime: this.#timestamp(),
      createdBy,
      wasArchived: seed.isArchived ?? false,
      archiving: [],
    }
    this.teams.set(keyOf(team.id), team)
    return team
  }

  addChannel(teamId: string, seed: ChannelSeed = {}, createdBy?: SimulatedOperation): Channel {
    const team = this.team(teamId)
    if (!team) throw new RangeError(`Expected the id of a team that was added before, got '${teamId}'`)
    const channels = this.#channels.get(keyOf(team.id)) ?? new Map<string, Channel>()
    const channel: Channel = {
      id: seed.id ?? this.newThreadId('tacv2'),
      teamId: team.id,
      displayName: seed.displayName ?? `Channel ${channels.size + 1}`,
      description: seed.description ?? null,
      membershipType: seed.membershipType ?? 'standard',
      createdDateTime: this.#timestamp(),
      createdBy,
      wasArchived: seed.isArchived ?? false,
      archiving: [],
    }
    channels.set(channel.id, channel)
    this.#channels.set(keyOf(team.id), channels)
    return channel
  }

  addChat(seed: ChatSeed = {}, createdBy?: SimulatedOperation): Chat {
    const chat: Chat = {
      id: seed.id ?? this.newThreadId('v2'),
      chatType: seed.chatType ?? 'group',
      topic: seed.topic ?? null,
      createdDateTime: this.#timestamp(),
      createdBy,
      members: seed.members ?? [],
    }
    this.chats.set(chat.id, chat)
    return chat
  }

  addOperation(seed: OperationSeed = {}): SimulatedOperation {
    return seedOperation(this, seed)
  }

  script(script: OperationScript, scope: ScriptScope = {}): void {
    this.#scripted.push({ ...scope, script, timesLeft: scope.times ?? 1 })
  }

  team(id: string): Team | undefined {
    return this.teams.get(keyOf(id))
  }

  channel(teamId: string, id: string): Channel | undefined {
    return this.#channels.get(keyOf(teamId))?.get(id)
  }

  channelsOf(teamId: string): readonly Channel[] {
    return [...(this.#channels.get(keyOf(teamId))?.values() ?? [])]
  }

  operation(location: string): SimulatedOperation | undefined {
    return this.#operations.get(location) ?? this.#operations.get(parseOperationLocation(location) ?? '')
  }

  operations(): Iterable<SimulatedOperation> {
    return this.#operations.values()
  }

  operationsOf(ownerId: string): readonly SimulatedOperation[] {
    return this.#byOwner.get(keyOf(ownerId)) ?? []
  }

  removeOperation(operation: SimulatedOperation): void {
    this.#operations.delete(operation.key)
    const ownerKey = keyOf(operation.identity.ownerId)
    const left = this.operationsOf(ownerKey).filter((other) => other !== operation)
    if (left.length > 0) this.#byOwner.set(ownerKey, left)
    else this.#byOwner.delete(ownerKey)
  }

  start(start: OperationStart, options: StartOptions = {}): SimulatedOperation {
    const { startedAgoMs = 0 } = options
    const script = { ...this.#defaultScript, ...(options.script ?? this.#nextScript(start)) }
    const {
      targetResourceId = start.targetResourceId,
      targetResourceLocation = start.targetResourceLocation,
    } = script
    const operation = new SimulatedOperation(
      {
        id: options.id ?? this.#newOperationId(start.ownerKind),
        operationType: start.operationType,
        ownerKind: start.ownerKind,
        ownerId: start.ownerId,
        createdDateTime: this.#timestamp(-startedAgoMs),
        targetResourceId,
        targetResourceLocation,
        value: workflowOf(start.operationType, start.appIds, this.#random),
      },
      planOf(script, start.operationType, this.#random),
      this.#clock.monotonic() - startedAgoMs,
      this.#clock,
    )
    this.#operations.set(operation.key, operation)
    const ownerKey = keyOf(start.ownerId)
    const siblings = this.#byOwner.get(ownerKey)
    if (siblings) siblings.push(operation)
    else this.#byOwner.set(ownerKey, [operation])
    return operation
  }

  newGuid(): string {
    return this.#random.guid()
  }

  /** Of a channel (`tacv2`) or of a chat (`v2`). */
  newThreadId(version: 'tacv2' | 'v2'): string {
    return `19:${this.newGuid().replaceAll('-', '')}@thread.${version}`
  }

  #newOperationId(ownerKind: OwnerKind): string {
    return ownerKind === 'team' ? this.newGuid() : `${this.newGuid()}-${this.newGuid()}-${this.newGuid()}`
  }

  #nextScript(start: OperationStart): OperationScript {
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
