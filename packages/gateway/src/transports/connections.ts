import type { Clock } from '@teams-operations/core'

/** Something that stays open: a WebSocket, or a response with events or parts. */
export interface Connection {
  readonly transport: 'websocket' | 'sse' | 'multipart'
  /** Ends it in the way that makes its client come back: the gateway stops, the subscription is not done. */
  close(): void
  /** Ends it at once. */
  terminate(): void
}

/** What is open at the moment, whatever it came over. */
export interface Connections extends Iterable<Connection> {
  readonly size: number
  /** Whether there are as many as there may be. */
  readonly isFull: boolean
  /** Whether new ones are refused: the gateway stops. */
  readonly isClosing: boolean
  /** @returns forgets it again; harmless when it is forgotten */
  add(connection: Connection): () => void
  /** Closes all, and by force those that do not close in time. Resolves when none is left. */
  closeAll(withinMs: number): Promise<void>
}

export function createConnections(clock: Clock, max: number): Connections {
  const open = new Set<Connection>()
  let closing: PromiseWithResolvers<void> | undefined

  return {
    get size() {
      return open.size
    },
    get isFull() {
      return open.size >= max
    },
    get isClosing() {
      return closing !== undefined
    },
    [Symbol.iterator]: () => open.values(),
    add(connection) {
      open.add(connection)
      return () => {
        open.delete(connection)
        if (open.size === 0) closing?.resolve()
      }
    },
    async closeAll(withinMs) {
      closing ??= Promise.withResolvers()
      for (const connection of open) connection.close()
      if (open.size === 0) return
      const cancelTimer = clock.timer(withinMs, () => {
        for (const connection of open) connection.terminate()
      })
      await closing.promise
      cancelTimer()
    },
  }
}
