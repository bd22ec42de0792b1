import type { ClientStats, Summary } from '@teams-operations/core'

/** What two clients have done together, those parts that are not the same for both because they share a quota. */
export function addClientStats(one: ClientStats, other: ClientStats): ClientStats {
  const requests = one.requests + other.requests
  const sent = one.requests * one.batchFill + other.requests * other.batchFill
  return {
    ...one,
    followed: one.followed + other.followed,
    checks: one.checks + other.checks,
    outcomes: addEach(one.outcomes, other.outcomes),
    requests,
    batches: one.batches + other.batches,
    batchFill: requests === 0 ? 0 : sent / requests,
    throttles: one.throttles + other.throttles,
    detectionDelayMs: addSummaries(one.detectionDelayMs, other.detectionDelayMs),
    waitMs: addSummaries(one.waitMs, other.waitMs),
  }
}

function addEach(one: ClientStats['outcomes'], other: ClientStats['outcomes']): ClientStats['outcomes'] {
  const sums = Object.entries(one).map(([kind, count]) => [kind, count + other[kind as keyof typeof other]])
  return Object.fromEntries(sums) as ClientStats['outcomes']
}

function addSummaries(one: Summary, other: Summary): Summary {
  const count = one.count + other.count
  const sum = one.count * one.mean + other.count * other.mean
  return { count, mean: count === 0 ? 0 : sum / count, max: Math.max(one.max, other.max) }
}
