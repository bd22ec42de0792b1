import type { CancelTimer, Clock } from '@teams-operations/core'

/** The most that something may end early, so that not all ends at once whose tokens were issued at once. */
const SPREAD_MS = 10_000
/** What may pass between the end of a timer and the end of what it is for. */
const MARGIN_MS = 500

/**
 * Calls `onExpired` shortly before `expiresAt`, a moment of the time of day: at least half a second and up to
 * ten, but no more than a tenth of what is left.
 *
 * @returns stops waiting
 */
export function beforeExpiry(
  expiresAt: number,
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
  onExpired: () => void,
): CancelTimer {
  const earlyMs = Math.min((expiresAt - clock.now()) / 10, MARGIN_MS + random() * (SPREAD_MS - MARGIN_MS))
  let cancelTimer: CancelTimer = () => {}

  // The time of day may jump, and a timer is bounded: when it fires, it may not be time yet.
  function wait(): void {
    const leftMs = expiresAt - earlyMs - clock.now()
    if (leftMs <= 0) onExpired()
    else cancelTimer = clock.timer(leftMs, wait)
  }

  wait()
  return () => cancelTimer()
}
