import type { Principal } from '../resolvers/principal.ts'

/**
 * Whether a proof takes the place of an earlier one of the same principal. The newest counts, not that which is
 * good for longest: a token may have been issued because the one before it, which has longer to go, was revoked.
 * Which is the newest is what their time of issue says, or, where that is not known, in which order they came.
 */
export function supersedes(next: Principal, before: Principal): boolean {
  if (next.issuedAt === undefined || before.issuedAt === undefined) return true
  return next.issuedAt >= before.issuedAt
}
