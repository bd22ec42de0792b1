/**
 * Time, as the rest of the package sees it. Nothing else here touches `Date` or `setTimeout`, so that a
 * test, or the simulator, can put a day of polling on a virtual clock.
 */
export interface Clock {
  /** The time of day, in milliseconds since 1970. For people and for HTTP dates: it may jump either way. */
  now(): number
  /**
   * Milliseconds since some fixed moment. Never goes back and never jumps: whatever measures an interval
   * (the 30 seconds between two checks, `Retry-After`) uses this one.
   */
  monotonic(): number
  /**
   * Calls `onElapsed` once, `delayMs` from now. A delay that is not a number counts as 0, one beyond
   * {@link MAX_TIMER_DELAY_MS} as that: who waits for longer looks at the clock again when it fires.
   *
   * @returns stops the timer; harmless when it has fired
   */
  timer(delayMs: number, onElapsed: () => void): CancelTimer
}

export type CancelTimer = () => void

/**
 * The longest delay that `setTimeout` keeps. A longer one overflows to 1 ms, which makes a hot loop out of
 * a long wait.
 */
export const MAX_TIMER_DELAY_MS = 2_147_483_647

/** A delay that `setTimeout` keeps: whole milliseconds, rounded up, from 0 to {@link MAX_TIMER_DELAY_MS}. */
export function boundedDelayMs(delayMs: number): number {
  return delayMs > 0 ? Math.min(Math.ceil(delayMs), MAX_TIMER_DELAY_MS) : 0
}

/** The clock of the machine. Its timers keep a Node process alive until they are stopped. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(delayMs, onElapsed) {
    const handle = setTimeout(onElapsed, boundedDelayMs(delayMs))
    return () => clearTimeout(handle)
  },
}
