import type { Clock } from '@teams-operations/core'

/** How long those may take who decide who somebody is, and what they may do: whoever is decided about waits. */
export const DECISION_TIMEOUT_MS = 10_000

/** The answer, unless it takes too long: then it rejects with what `onLate` gives. */
export async function inTime<Answer>(
  answer: Promise<Answer>,
  clock: Clock,
  onLate: () => Error,
): Promise<Answer> {
  const late = Promise.withResolvers<never>()
  const cancelTimer = clock.timer(DECISION_TIMEOUT_MS, () => late.reject(onLate()))
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    cancelTimer()
  }
}
