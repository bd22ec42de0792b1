import type { Clock } from '@teams-operations/core'
import type { WebSocket } from 'ws'

/** Keeps idle sockets alive through proxies, and finds those whose other end is gone. */
export interface Heartbeat {
  /** @returns lets go of it; harmless when it was */
  add(socket: WebSocket): () => void
}

/**
 * Pings all sockets from one timer, and ends those that did not answer until the next ping. The timer runs
 * only while there are sockets.
 */
export function createHeartbeat(clock: Clock, intervalMs: number): Heartbeat {
  /** Whether each has been heard of since the last ping. */
  const heard = new Map<WebSocket, boolean>()
  let cancelTimer: (() => void) | undefined

  function beat(): void {
    cancelTimer = clock.timer(intervalMs, beat)
    for (const [socket, isHeard] of heard) {
      if (isHeard) {
        heard.set(socket, false)
        socket.ping()
      } else {
        socket.terminate()
      }
    }
  }

  return {
    add(socket) {
      heard.set(socket, true)
      const hear = (): void => void heard.set(socket, true)
      socket.on('pong', hear)
      socket.on('message', hear)
      cancelTimer ??= clock.timer(intervalMs, beat)
      return () => {
        heard.delete(socket)
        socket.off('pong', hear)
        socket.off('message', hear)
        if (heard.size > 0) return
        cancelTimer?.()
        cancelTimer = undefined
      }
    },
  }
}
