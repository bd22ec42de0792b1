import { boundedDelayMs, type Clock } from '../clock.ts'

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /**
   * Lets `ms` pass: fires every timer that falls due, at its time and in order, and lets all promises
   * settle in between, as if the time had passed. Timers that those set fall due as well.
   */
  advance(ms: number): Promise<void>
  /** Lets time pass until `condition` holds; rejects when it does not within `limitMs`. @default one day */
  advanceUntil(condition: () => boolean, limitMs?: number): Promise<void>
  /** Changes the time of day without time passing, as an administrator or NTP does. */
  jump(ms: number): void
  /** How many timers are waiting. 0 after everything was stopped, or something leaks. */
  readonly pendingTimers: number
}

export interface VirtualClockOptions {
  /** The time of day at the start, in milliseconds since 1970. @default 2026-01-01T00:00:00Z */
  readonly startAt?: number | undefined
}

interface PendingTimer {
  readonly dueAt: number
  readonly onElapsed: () => void
}

const DAY_MS = 86_400_000

/** Creates a {@link VirtualClock}. */
export function createVirtualClock({
  startAt = Date.UTC(2026, 0, 1),
}: VirtualClockOptions = {}): VirtualClock {
  let elapsedMs = 0
  let wallOffsetMs = startAt
  /** Ascending by `dueAt`; those of the same moment in the order in which they were set. */
  const timers: PendingTimer[] = []

  /** Fires what falls due up to `untilMs`. @returns whether `stop` ended it early */
  async function run(untilMs: number, stop: () => boolean): Promise<boolean> {
    const eventLoop = enterEventLoop()
    try {
      for (;;) {
        await eventLoop.turn()
        if (stop()) return true
        const next = timers[0]
        if (!next || next.dueAt > untilMs) return false
        timers.shift()
        // Time does not go back, whatever a nested `advance` did meanwhile.
        elapsedMs = Math.max(elapsedMs, next.dueAt)
        next.onElapsed()
      }
    } finally {
      eventLoop.leave()
    }
  }

  return {
    now: () => wallOffsetMs + elapsedMs,
    monotonic: () => elapsedMs,
    timer(delayMs, onElapsed) {
      const timer: PendingTimer = { dueAt: elapsedMs + boundedDelayMs(delayMs), onElapsed }
      timers.splice(indexAfter(timers, timer.dueAt), 0, timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index !== -1) timers.splice(index, 1)
      }
    },
    async advance(ms) {
      const untilMs = elapsedMs + ms
      await run(untilMs, () => false)
      elapsedMs = Math.max(elapsedMs, untilMs)
    },
    async advanceUntil(condition, limitMs = DAY_MS) {
      const untilMs = elapsedMs + limitMs
      if (await run(untilMs, condition)) return
      throw new Error(
        timers.length === 0
          ? `Expected the condition to hold, but no timer is left that could change it (${String(condition)})`
          : `Expected the condition to hold within ${limitMs} ms of virtual time (${String(condition)})`,
      )
    },
    jump(ms) {
      wallOffsetMs += ms
    },
    get pendingTimers() {
      return timers.length
    },
  }
}

/** The first index whose timer falls due later than `dueAt`. */
function indexAfter(timers: readonly PendingTimer[], dueAt: number): number {
  let low = 0
  let high = timers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((timers[middle] as PendingTimer).dueAt <= dueAt) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Gives turns of the event loop: every promise that can settle without time passing has settled after one.
 * A message channel, because `setTimeout` is what tests replace and `setImmediate` is Node's alone.
 */
function enterEventLoop(): { turn(): Promise<void>; leave(): void } {
  const { port1, port2 } = new MessageChannel()
  let proceed = (): void => {}
  port1.onmessage = () => proceed()
  return {
    turn: () =>
      new Promise((resolve) => {
        proceed = resolve
        port2.postMessage(undefined)
      }),
    leave: () => port1.close(),
  }
}
