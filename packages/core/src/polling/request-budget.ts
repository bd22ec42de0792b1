import type { OperationOwner, OperationRef } from '../operation/operation-ref.ts'

/**
 * What Microsoft Graph grants one app in one tenant.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#microsoft-teams-service-limits
 */
const graphLimits = {
  readsPerSecond: 30,
  requestsPerSecondOfTeam: 4,
  requestsPerSecondOfChat: 1,
} as const

/** A second, and a little more: what leaves one second apart may arrive closer together. */
export const PULSE_MS = 1_010

interface Spent {
  readonly at: number
  count: number
}

/**
 * Who may send how many requests now. It counts over a sliding second, so no second anywhere, whole or
 * not, holds more than the limit. Moments are monotonic milliseconds.
 */
export class RequestBudget {
  /** Reads that may leave in any one {@link windowMs}. */
  readonly capacity: number
  /** {@link PULSE_MS}, or longer where the share is less than one request per second. */
  readonly windowMs: number
  #spent: Spent[] = []
  /** Only owners that were asked lately: pruned as time goes on. */
  readonly #ofOwners = new Map<string, number[]>()

  constructor(quotaShare: number) {
    const perSecond = graphLimits.readsPerSecond * quotaShare
    this.capacity = Math.max(1, Math.floor(perSecond))
    this.windowMs = Math.max(PULSE_MS, (PULSE_MS * this.capacity) / perSecond)
  }

  /** How many reads may leave now. */
  available(now: number): number {
    this.#forget(now)
    return Math.max(0, this.capacity - this.#spent.reduce((sum, { count }) => sum + count, 0))
  }

  /** When something of what was spent comes back; `now` if nothing is outstanding. */
  freeAt(now: number): number {
    this.#forget(now)
    const [oldest] = this.#spent
    return oldest && this.available(now) === 0 ? oldest.at + this.windowMs : now
  }

  spend(now: number, count: number): void {
    const last = this.#spent.at(-1)
    if (last?.at === now) last.count += count
    else if (count > 0) this.#spent.push({ at: now, count })
  }

  /**
   * Counts one request against the limit of its team or chat.
   *
   * @returns 0 if it may leave now, otherwise the moment from which it may
   */
  admit(ref: Pick<OperationRef, 'owner'>, now: number): number {
    const key = keyOf(ref.owner)
    const limit = limitOf(ref.owner)
    const recent = this.#ofOwners.get(key)?.filter((at) => at > now - PULSE_MS) ?? []
    if (recent.length >= limit) return (recent[recent.length - limit] as number) + PULSE_MS
    recent.push(now)
    // Last in the map again: its order is that of the latest request, which is what pruning goes by.
    this.#ofOwners.delete(key)
    this.#ofOwners.set(key, recent)
    return 0
  }

  #forget(now: number): void {
    this.#spent = this.#spent.filter(({ at }) => at > now - this.windowMs)
    for (const [key, moments] of this.#ofOwners) {
      if ((moments.at(-1) as number) > now - PULSE_MS) break
      this.#ofOwners.delete(key)
    }
  }
}

/** The resource whose limit an operation counts against. */
export function keyOf(owner: OperationOwner): string {
  return owner.chatId ?? owner.teamId
}

/** How many requests per second Graph grants for the team or chat of an operation. */
export function limitOf(owner: OperationOwner): number {
  return owner.chatId === undefined
    ? graphLimits.requestsPerSecondOfTeam
    : graphLimits.requestsPerSecondOfChat
}
