import type { LimitClass } from './exchange.ts'

/** How many requests per second Graph grants one app in one tenant. */
export interface GraphLimits {
  readonly perClass: Readonly<Record<LimitClass, number>>
  readonly perTeam: number
  readonly perChatOrChannel: number
}

/**
 * The limits as documented.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#microsoft-teams-service-limits
 */
export const documentedLimits: GraphLimits = {
  perClass: { getTeam: 30, get: 30, createTeam: 10, cloneTeam: 6, createChannel: 30, other: 30 },
  perTeam: 4,
  perChatOrChannel: 1,
}

/** @throws {RangeError} when `scale` is not a positive number */
export function scaledLimits(limits: GraphLimits, scale: number): GraphLimits {
  if (!(scale > 0))
    throw new RangeError(`Expected the scale of the limits to be a positive number, got ${scale}`)
  const { perClass, perTeam, perChatOrChannel } = limits
  const scaled = Object.entries(perClass).map(([name, perSecond]) => [name, perSecond * scale])
  return {
    perClass: Object.fromEntries(scaled) as GraphLimits['perClass'],
    perTeam: perTeam * scale,
    perChatOrChannel: perChatOrChannel * scale,
  }
}
