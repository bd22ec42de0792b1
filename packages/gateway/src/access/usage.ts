import type { Clock } from '@teams-operations/core'
import { TooManyRequestsError } from '../errors/too-many-requests-error.ts'
import { TooManySubscriptionsError } from '../errors/too-many-subscriptions-error.ts'
import { ConnectionRecord } from '../observability/connection-record.ts'
import type { GatewayCounts } from '../observability/gateway-counts.ts'
import { anonymous, type Principal } from '../resolvers/principal.ts'
import { createKeyedCounter, type KeyedCounter } from './keyed-counter.ts'
import { createKeyedSets, type KeyedSets } from './keyed-sets.ts'
import type { Limits, Rate } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'
import { createTokenBuckets, type TokenBuckets } from './token-buckets.ts'

/** What ends when it is told to. */
export interface Endable {
  return(): unknown
}

/** What a principal uses over one connection: a WebSocket, or an HTTP request. */
export interface Usage {
  /** What was counted of it, for metrics and logs. */
  readonly record: ConnectionRecord
  /**
   * Counts the connection itself, until `close()`.
   *
   * @throws TooManySubscriptionsError
   */
  connect(): void
  /**
   * Counts a GraphQL request.
   *
   * @throws TooManyRequestsError
   */
  request(): void
  /** Counts what a GraphQL request has cost beyond others, as if it had been so many more. */
  charge(requests: number): void
  /**
   * Counts a query or a mutation that is under way, until `answered()`: also beyond `close()`, for its work
   * may go on when nobody is there.
   *
   * @throws TooManyRequestsError
   */
  query(): void
  /** Once for each query that was counted. */
  answered(): void
  /**
   * Counts operations that are followed, each user's once however often they follow it.
   *
   * @param locations called where that is limited
   * @returns what gives them back, once
   * @throws TooManySubscriptionsError
   */
  follow(locations: () => Iterable<string>): () => void
  /**
   * Counts a subscription, until `unsubscribe()` or `close()`.
   *
   * @throws TooManySubscriptionsError
   */
  subscribe(): void
  /** Has the results of a subscription that was counted end with the connection, if they have not before. */
  hold(results: Endable): void
  /** Once for each that was counted. */
  unsubscribe(results: Endable): void
  /** Ends and gives back everything. To be called when the connection itself has closed. */
  close(): void
}

/** Opens the account of a connection. */
export type UsageMeter = (principal: Principal) => Usage

/**
 * Counts what is used over each connection, and by each user over all of theirs. Where there is no
 * authentication nobody can be told from others, and only the limits of a connection hold.
 */
export function createUsageMeter(limits: Limits, clock: Clock, counts: GatewayCounts): UsageMeter {
  const requestsOfUsers = createTokenBuckets<string>(limits.requestRatePerUser, clock)
  const connectionsOfUsers = createKeyedCounter<string>(limits.maxConnectionsPerUser)
  const subscriptionsOfUsers = createKeyedCounter<string>(limits.maxSubscriptionsPerUser)

  const counters: Counters = {
    limits,
    requestsOfUsers,
    connectionsOfUsers,
    subscriptionsOfUsers,
    queries: createKeyedCounter(limits.maxQueries),
    queriesOfUsers: createKeyedCounter(limits.maxQueriesPerUser),
    followedByUsers: createKeyedSets(limits.maxFollowedOperationsPerUser),
  }

  return (principal) =>
    new CountedUsage(
      principal,
      counters,
      new TokenBucket(limits.requestRatePerConnection, clock),
      new ConnectionRecord(counts),
    )
}

interface Counters {
  readonly limits: Limits
  readonly requestsOfUsers: TokenBuckets<string>
  readonly connectionsOfUsers: KeyedCounter<string>
  readonly subscriptionsOfUsers: KeyedCounter<string>
  readonly queries: KeyedCounter<typeof everybody>
  readonly queriesOfUsers: KeyedCounter<string>
  readonly followedByUsers: KeyedSets<string, string>
}

const everybody = 'everybody'

/** When to try a query again for which there was no room: nobody knows when one of the others is answered. */
const QUERY_RETRY_MS = 1_000

const none: readonly never[] = []

function nothingToGiveBack(): void {}

/** A class because there is one for each connection, and closures would weigh more than what they count. */
class CountedUsage implements Usage {
  /** `undefined` where nobody can be told from others. */
  readonly #user: string | undefined
  readonly #counters: Counters
  readonly #requests: TokenBucket
  readonly record: ConnectionRecord
  #connections = 0
  #subscriptions = 0
  #queries = 0
  /** Few: a list of the right length weighs less than a set, or one with room for more. */
  #results: readonly Endable[] = none
  #isClosed = false

  constructor({ id }: Principal, counters: Counters, requests: TokenBucket, record: ConnectionRecord) {
    this.#user = id === anonymous.id ? undefined : id
    this.#counters = counters
    this.#requests = requests
    this.record = record
  }

  connect(): void {
    const { limits, connectionsOfUsers } = this.#counters
    if (this.#user !== undefined && !connectionsOfUsers.add(this.#user)) {
      throw tooMany(limits.maxConnectionsPerUser, 'connections', 'user')
    }
    this.#connections += 1
  }

  request(): void {
    const { limits, requestsOfUsers } = this.#counters
    throttle(this.#requests.take(), limits.requestRatePerConnection, 'connection')
    if (this.#user !== undefined) {
      throttle(requestsOfUsers.take(this.#user), limits.requestRatePerUser, 'user')
    }
  }

  charge(requests: number): void {
    this.#requests.spend(requests)
    if (this.#user !== undefined) this.#counters.requestsOfUsers.spend(this.#user, requests)
  }

  query(): void {
    const { limits, queries, queriesOfUsers } = this.#counters
    if (this.#queries >= limits.maxQueriesPerConnection) {
      throw tooManyQueries(limits.maxQueriesPerConnection, ' of one connection')
    }
    if (this.#user !== undefined && !queriesOfUsers.add(this.#user)) {
      throw tooManyQueries(limits.maxQueriesPerUser, ' of one user')
    }
    if (!queries.add(everybody)) {
      if (this.#user !== undefined) queriesOfUsers.remove(this.#user)
      throw tooManyQueries(limits.maxQueries, '')
    }
    this.#queries += 1
  }

  answered(): void {
    const { queries, queriesOfUsers } = this.#counters
    this.#queries -= 1
    queries.remove(everybody)
    if (this.#user !== undefined) queriesOfUsers.remove(this.#user)
  }

  follow(locations: () => Iterable<string>): () => void {
    const { limits, followedByUsers } = this.#counters
    if (this.#user === undefined) return nothingToGiveBack
    const giveBack = followedByUsers.add(this.#user, locations())
    if (giveBack) return giveBack
    throw new TooManySubscriptionsError(
      `Expected at most ${limits.maxFollowedOperationsPerUser} operations to be followed for one user at a ` +
        'time, got more. End a subscription first.',
    )
  }

  subscribe(): void {
    const { limits, subscriptionsOfUsers } = this.#counters
    if (this.#subscriptions >= limits.maxSubscriptionsPerConnection) {
      throw tooMany(limits.maxSubscriptionsPerConnection, 'subscriptions', 'connection')
    }
    if (this.#user !== undefined && !subscriptionsOfUsers.add(this.#user)) {
      throw tooMany(limits.maxSubscriptionsPerUser, 'subscriptions', 'user')
    }
    this.#subscriptions += 1
    this.record.subscribed()
  }

  hold(results: Endable): void {
    if (this.#isClosed) return void results.return()
    this.#results = this.#results.concat(results)
  }

  unsubscribe(results: Endable): void {
    this.#results = this.#results.filter((other) => other !== results)
    if (this.#subscriptions > 0) this.#giveBackSubscriptions(1)
  }

  close(): void {
    this.#isClosed = true
    const open = this.#results
    this.#results = none
    for (const results of open) results.return()
    if (this.#user !== undefined) this.#counters.connectionsOfUsers.remove(this.#user, this.#connections)
    this.#connections = 0
    this.#giveBackSubscriptions(this.#subscriptions)
  }

  #giveBackSubscriptions(count: number): void {
    this.#subscriptions -= count
    this.record.unsubscribed(count)
    if (this.#user !== undefined) this.#counters.subscriptionsOfUsers.remove(this.#user, count)
  }
}

function tooMany(max: number, what: string, of: string): TooManySubscriptionsError {
  return new TooManySubscriptionsError(
    `Expected at most ${max} ${what} of one ${of} at a time, got one more. End one first; ` +
      'one subscription to `teamsAsyncOperations` follows many operations.',
  )
}

function tooManyQueries(max: number, of: string): TooManyRequestsError {
  return new TooManyRequestsError(
    `Expected at most ${max} queries${of} to be under way at a time, got one more. Wait for the answer to one first.`,
    QUERY_RETRY_MS,
  )
}

function throttle(waitMs: number, { perSecond }: Rate, of: string): void {
  if (waitMs === 0) return
  throw new TooManyRequestsError(
    `Expected at most ${perSecond} requests per second of one ${of}, got more. Try again later.`,
    waitMs,
  )
}
