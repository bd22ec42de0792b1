import type { Clock } from '@teams-operations/core'

/** A socket, as far as the heartbeat is concerned. */
export interface Pulse {
  /** Whether anything came from it since its last ping. To be set whenever something does. */
  isHeard: boolean
  ping(): void
  /** Ends it at once. */
  terminate(): void
}

/** Keeps idle sockets alive through proxies, and finds those whose other end is gone. */
export interface Heartbeat {
  add(pulse: Pulse): void
  /** Harmless when it is not there. */
  remove(pulse: Pulse): void
}

/** Into how many parts the sockets are divided, so that not all are pinged at once. */
const PARTS = 25

/**
 * Pings each socket once in an interval, and ends it if nothing came from it until the next ping. One timer
 * for all of them, which runs only while there are sockets: each of its beats takes the next part of them.
 *
 * @param random from 0 up to 1; sockets that came together are pinged at different times
 */
export function createHeartbeat(clock: Clock, intervalMs: number, random: () => number): Heartbeat {
  const parts = Array.from({ length: PARTS }, () => new Set<Pulse>())
  let size = 0
  let beats = 0
  let cancelTimer: (() => void) | undefined

  function beat(): void {
    cancelTimer = clock.timer(intervalMs / PARTS, beat)
    beats += 1
    for (const pulse of parts[beats % PARTS] ?? []) {
      if (pulse.isHeard) {
        pulse.isHeard = false
        pulse.ping()
      } else {
        pulse.terminate()
      }
    }
  }

  return {
    add(pulse) {
      parts[Math.floor(random() * PARTS)]?.add(pulse)
      size += 1
      cancelTimer ??= clock.timer(intervalMs / PARTS, beat)
    },
    remove(pulse) {
      if (!parts.some((part) => part.delete(pulse))) return
      size -= 1
      if (size > 0) return
      cancelTimer?.()
      cancelTimer = undefined
    },
  }
}
