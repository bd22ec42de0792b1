import { systemClock } from '@teams-operations/core'

/** Gives up on what takes too long: credentials that look for a service on the network may look for a while. */
export async function withinTime<Answer>(ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const giveUp = new AbortController()
  const late = new Promise<never>((_, reject) => {
    giveUp.signal.addEventListener('abort', () => reject(giveUp.signal.reason))
  })
  const cancelTimer = systemClock.timer(TIMEOUT_MS, () =>
    giveUp.abort(new Error(`There was no answer within ${TIMEOUT_MS / 1000} seconds`)),
  )
  try {
    return await Promise.race([ask(giveUp.signal), late])
  } finally {
    cancelTimer()
  }
}

const TIMEOUT_MS = 60_000
