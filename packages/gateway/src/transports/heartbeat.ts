import type { Clock } from '@teams-operations/core'
import type { WebSocket } from 'ws'

/** Keeps idle sockets alive through proxies, and finds those whose other end is gone. */
export interface Heartbeat {
  /** @returns lets go of it; harmless when it was */
  add(socket: WebSocket): () => void
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
  /** Whether each has been heard of since its last ping. */
  const parts = Array.from({ length: PARTS }, () => new Map<WebSocket, boolean>())
  let size = 0
  let beats = 0
  let cancelTimer: (() => void) | undefined

  function beat(): void {
    cancelTimer = clock.timer(intervalMs / PARTS, beat)
    beats += 1
    const part = parts[beats % PARTS] ?? new Map<WebSocket, boolean>()
    for (const [socket, isHeard] of part) {
      if (isHeard) {
        part.set(socket, false)
        socket.ping()
      } else {
        socket.terminate()
      }
    }
  }

  return {
    add(socket) {
      const part = parts[Math.floor(random() * PARTS)] ?? new Map<WebSocket, boolean>()
      part.set(socket, true)
      size += 1
      const hear = (): void => void part.set(socket, true)
      socket.on('pong', hear)
      socket.on('message', hear)
      cancelTimer ??= clock.timer(intervalMs / PARTS, beat)
      return () => {
        if (!part.delete(socket)) return
        size -= 1
        socket.off('pong', hear)
        socket.off('message', hear)
        if (size > 0) return
        cancelTimer?.()
        cancelTimer = undefined
      }
    },
  }
}
