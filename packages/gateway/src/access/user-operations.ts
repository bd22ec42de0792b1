import {
  createQuota,
  systemClock,
  type ClientStats,
  type Clock,
  type OperationsClient,
  type Quota,
  type TokenCredential,
} from '@teams-operations/core'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'
import { addClientStats } from '../observability/add-client-stats.ts'
import type { Principal } from '../resolvers/principal.ts'
import type { Credentials } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'
import type { OperationsLease, OperationsSource } from './operations-source.ts'
import { createRefusals } from './refusals.ts'
import {
  createUserCredential,
  type CreateUserCredential,
  type UserCredential,
  type UserToken,
} from './user-credential.ts'

export interface UserOperationsOptions {
  /** Makes a credential of the access token that a user came with: {@link onBehalfOf}, or one of your own. */
  readonly credentialFor: CreateUserCredential
  /**
   * Creates the client of a user. The quota is for all of them to share: Graph sees one app, whoever it acts
   * for.
   */
  readonly createClient: (options: {
    readonly credential: TokenCredential
    readonly quota: Quota
  }) => OperationsClient
  /** How much of what Graph grants the app may be used, for all users together. @default 0.5 */
  readonly quotaShare?: number | undefined
  /** How many users may have a client at a time. @default 1_000 */
  readonly maxUsers?: number | undefined
  /** How long the client of a user is kept who has left, in milliseconds. @default 60_000 */
  readonly lingerMs?: number | undefined
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
}

/**
 * What follows the operations where Graph is read on behalf of each user: a client for each of them, so that
 * what is checked, remembered and shared is theirs alone, and Graph decides what they may see.
 */
export interface UserOperations extends OperationsSource, AsyncDisposable {
  /** What all clients have done together, those included that are gone. */
  stats(): ClientStats
  /** How many users have a client. */
  readonly users: number
}

interface User {
  readonly credential: UserCredential
  readonly client: OperationsClient
  /** How many connections need it. */
  leases: number
  cancelLinger: () => void
}

/** Creates {@link UserOperations}, to be given to a gateway in place of a client. Disposes what it creates. */
export function createUserOperations(options: UserOperationsOptions): UserOperations {
  const { credentialFor, createClient, quotaShare, clock = systemClock } = options
  const maxUsers = positive('maxUsers', options.maxUsers ?? 1_000)
  const lingerMs = positive('lingerMs', options.lingerMs ?? 60_000)
  const quota = createQuota({ quotaShare })
  /** Beyond the client of a user: who was refused would only have to leave for a while. */
  const refusals = createRefusals(clock)
  /** By the id of the principal; those who were there last come last. */
  const users = new Map<string, User>()
  let gone = noStats()

  function noStats(): ClientStats {
    const { budget, coolDown } = quota
    const used = budget.capacity - budget.available(Math.floor(clock.monotonic()))
    const readsPerSecond = (budget.capacity * 1000) / budget.windowMs
    return { ...zero, pausedMs: coolDown.pausedMs, budget: { readsPerSecond, used } }
  }

  async function forget(id: string, { client, cancelLinger }: User): Promise<void> {
    cancelLinger()
    users.delete(id)
    const stats = client.stats()
    gone = addClientStats(gone, { ...stats, followed: 0 })
    await client[Symbol.asyncDispose]()
  }

  /** Of those whom nobody needs, the one who has been gone for longest. */
  function makeRoom(): void {
    for (const [id, user] of users) {
      if (user.leases === 0) return void forget(id, user)
    }
    throw new UnavailableError(
      'There are too many users at the moment.',
      `There are ${maxUsers} users already, which is all that there may be`,
    )
  }

  function open(id: string, token: UserToken): User {
    if (users.size >= maxUsers) makeRoom()
    const credential = createUserCredential(credentialFor, token, clock)
    const client = refusals.guard(createClient({ credential, quota }), id)
    const user: User = { credential, client, leases: 0, cancelLinger: () => {} }
    users.set(id, user)
    return user
  }

  function release(id: string, user: User): void {
    user.leases -= 1
    if (user.leases > 0 || users.get(id) !== user) return
    // Last in the map again: those before it have been gone for longer.
    users.delete(id)
    users.set(id, user)
    user.cancelLinger = clock.timer(lingerMs, () => void forget(id, user))
  }

  return {
    classify: (principal) => ({
      ...principal,
      accessClass: JSON.stringify(['user', principal.id, principal.accessClass]),
    }),

    lease(principal: Principal, credentials: Credentials): OperationsLease {
      demandUser(principal)
      const { id } = principal
      const token = { accessToken: bearerToken(credentials), principal }
      const user = users.get(id) ?? open(id, token)
      user.credential.replace(token)
      user.leases += 1
      user.cancelLinger()
      return {
        operations: user.client,
        renew: (renewed, next) => {
          user.credential.replace({ accessToken: bearerToken(next), principal: renewed })
        },
        release: () => release(id, user),
      }
    },

    stats() {
      let all = { ...gone, ...sharedOf(noStats()) }
      for (const { client } of users.values()) all = addClientStats(all, client.stats())
      return all
    },

    get users() {
      return users.size
    },

    async [Symbol.asyncDispose]() {
      await Promise.all([...users].map(([id, user]) => forget(id, user)))
    },
  }
}

/** What is the same for all who share a quota. */
function sharedOf({ pausedMs, budget }: ClientStats): Pick<ClientStats, 'pausedMs' | 'budget'> {
  return { pausedMs, budget }
}

/** An application by itself has nobody on whose behalf to act. */
function demandUser({ claims }: Principal): void {
  if (!claims || typeof claims['scp'] === 'string') return
  throw new ForbiddenError(
    'Expected the access token of a user, got that of an application.',
    'Graph is read on behalf of users, and the token is of an application',
  )
}

function positive(name: string, value: number): number {
  if (value > 0) return value
  throw new RangeError(`Expected ${name} to be more than 0, got ${value}.`)
}

const none = { count: 0, mean: 0, max: 0 }

const zero: ClientStats = {
  followed: 0,
  checks: 0,
  outcomes: {
    found: 0,
    throttled: 0,
    'graph-unavailable': 0,
    'no-connection': 0,
    'no-answer': 0,
    'unusable-body': 0,
    'not-replicated': 0,
    'no-token': 0,
    unauthenticated: 0,
    'access-denied': 0,
    lost: 0,
    refused: 0,
  },
  requests: 0,
  batches: 0,
  batchFill: 0,
  throttles: 0,
  pausedMs: 0,
  budget: { readsPerSecond: 0, used: 0 },
  detectionDelayMs: none,
  waitMs: none,
}
