import { createVirtualClock, systemClock, type Clock } from '@teams-operations/core/testing'

/**
 * How time passes: `virtual` stands still until a test advances it, `real` is the machine's, and
 * `{ speed: 60 }` lets a minute pass in every real second.
 */
export type SimulatedTime = 'virtual' | 'real' | { readonly speed: number }

/** The clock for a {@link SimulatedTime}. */
export function clockOf(time: SimulatedTime): Clock {
  if (time === 'virtual') return createVirtualClock()
  if (time === 'real') return systemClock
  return createScaledClock(time.speed)
}

/**
 * A clock that runs `speed` times as fast as the machine's, from the machine's time of day on.
 *
 * @throws {RangeError} when `speed` is not a positive number
 */
export function createScaledClock(speed: number, base: Clock = systemClock): Clock {
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new RangeError(`Expected the speed of time to be a positive number, got ${speed}`)
  }
  const startedAt = base.now()
  const origin = base.monotonic()
  const monotonic = (): number => (base.monotonic() - origin) * speed
  return {
    now: () => startedAt + monotonic(),
    monotonic,
    timer(delayMs, onElapsed) {
      const waitMs = delayMs > 0 ? delayMs : 0
      const dueAt = monotonic() + waitMs
      // The machine's timers may fire a little early, and a slow clock's outlast the longest of them.
      const look = (): void => {
        const leftMs = dueAt - monotonic()
        if (leftMs > 0) cancel = base.timer(leftMs / speed, look)
        else onElapsed()
      }
      let cancel = base.timer(waitMs / speed, look)
      return () => cancel()
    },
  }
}

/** Waits on a clock. Rejects with the signal's reason when it is aborted, and leaves no timer behind. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    const onAbort = (): void => {
      cancel()
      reject(signal.reason as Error)
    }
    const cancel = clock.timer(delayMs, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
