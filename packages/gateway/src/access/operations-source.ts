import type { OperationsClient } from '@teams-operations/core'
import type { Principal } from '../resolvers/principal.ts'
import type { Credentials } from './authenticator.ts'
import { followAtMost, type FollowLimit } from './follow-at-most.ts'

/** Where operations are followed for a principal. */
export interface OperationsSource {
  /** The principal with a class that keeps apart whose operations are not the same. */
  classify(principal: Principal): Principal
  /**
   * The client that follows operations for a principal, until it is given back.
   *
   * @throws ForbiddenError when there can be none for such a principal
   * @throws UnavailableError when there can't be another one now
   */
  lease(principal: Principal, credentials: Credentials): OperationsLease
}

export interface OperationsLease {
  readonly operations: OperationsClient
  /** The same principal has proved anew who it is. */
  renew(principal: Principal, credentials: Credentials): void
  /** Once. */
  release(): void
}

/** One client for all, which reads Graph as the application. */
export function asApplication(operations: OperationsClient): OperationsSource {
  const lease: OperationsLease = { operations, renew: () => {}, release: () => {} }
  return { classify: (principal) => principal, lease: () => lease }
}

/** The source, whose clients together watch no more than `max` operations at a time. */
export function limitFollowed(source: OperationsSource, max: number): OperationsSource {
  const limit: FollowLimit = { max, followed: 0 }
  const clients = new WeakMap<OperationsClient, OperationsClient>()
  /** Of a source that has the same lease for all, there is one here as well. */
  const leases = new WeakMap<OperationsLease, OperationsLease>()

  return {
    classify: (principal) => source.classify(principal),
    lease(principal, credentials) {
      const lease = source.lease(principal, credentials)
      const known = leases.get(lease)
      if (known) return known
      const operations = clients.get(lease.operations) ?? followAtMost(lease.operations, limit)
      clients.set(lease.operations, operations)
      const limited = { ...lease, operations }
      leases.set(lease, limited)
      return limited
    },
  }
}
