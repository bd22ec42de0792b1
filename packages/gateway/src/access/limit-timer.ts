import type { CancelTimer, Clock } from '@teams-operations/core'

/** Calls back when a limit of time has passed: never for `Infinity`, which a timer takes for 24 days. */
export function limitTimer(clock: Clock, limitMs: number, onElapsed: () => void): CancelTimer {
  return limitMs === Infinity ? () => {} : clock.timer(limitMs, onElapsed)
}
