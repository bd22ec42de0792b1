import type { Clock } from '@teams-operations/core'
import type { Session } from '../access/session.ts'
import type { ClosedConnection } from '../observability/connection-record.ts'
import type { GatewayCounts } from '../observability/gateway-counts.ts'
import type { CloseReason, ConnectionTransport } from '../observability/gateway-stats.ts'

/** Something that stays open: a WebSocket, or a response with events or parts. */
export interface Connection {
  readonly transport: ConnectionTransport
  /** The header `Origin`. */
  readonly origin: string | undefined
  /** Whose it is; `undefined` as long as that is not known. */
  session(): Session | undefined
  /** Ends it in the way that makes its client come back: the gateway stops, the subscription is not done. */
  close(): void
  /** Ends it at once. */
  terminate(): void
}

/** How a connection has ended. */
export interface ConnectionEnd {
  readonly reason: CloseReason
  readonly code?: number | undefined
  readonly bytesSent?: number | undefined
  readonly bytesReceived?: number | undefined
}

/** What is open at the moment, whatever it came over. */
export interface Connections {
  readonly size: number
  /** Whether there are as many as there may be. */
  readonly isFull: boolean
  /** Whether new ones are refused: the gateway stops. */
  readonly isClosing: boolean
  /** @returns forgets it again; harmless when it is forgotten */
  add(connection: Connection): (end: ConnectionEnd) => void
  /**
   * Closes all, many of them in waves, and by force those that do not close in time. Resolves when none is
   * left.
   */
  closeAll(withinMs: number): Promise<void>
}

export interface ConnectionsOptions {
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly max: number
  readonly counts: GatewayCounts
  readonly onClosed: (connection: ClosedConnection) => void
}

/** Between two waves in which connections are closed. */
const WAVE_MS = 100
/** How many come back at once is what another gateway has to bear: 500 in a second, where there is time. */
const MS_PER_CONNECTION = 2

export function createConnections(options: ConnectionsOptions): Connections {
  const { clock, random, max, counts, onClosed } = options
  const open = new Set<Connection>()
  let opened = 0
  let closing: PromiseWithResolvers<void> | undefined

  /** Closes each at a moment of its own, of which a wave takes those that have come. */
  function closeInWaves(connections: readonly Connection[], spreadMs: number): () => void {
    const waiting = connections
      .map((connection) => ({ connection, atMs: random() * spreadMs }))
      .toSorted((a, b) => b.atMs - a.atMs)
    let elapsedMs = 0
    let cancelTimer = (): void => {}

    function closeDue(): void {
      elapsedMs += WAVE_MS
      for (let last = waiting.at(-1); last && last.atMs < elapsedMs; last = waiting.at(-1)) {
        waiting.pop()
        last.connection.close()
      }
      if (waiting.length > 0) cancelTimer = clock.timer(WAVE_MS, closeDue)
    }

    closeDue()
    return () => cancelTimer()
  }

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
    add(connection) {
      const { transport, origin } = connection
      const id = (opened += 1)
      const openedAt = clock.monotonic()
      open.add(connection)
      counts.opened(transport)
      return ({ reason, code, bytesSent, bytesReceived }) => {
        if (!open.delete(connection)) return
        counts.closed(transport, reason)
        const session = connection.session()
        onClosed({
          id,
          transport,
          principalId: session?.identity.principal.id,
          origin,
          reason,
          code,
          durationMs: Math.round(clock.monotonic() - openedAt),
          bytesSent,
          bytesReceived,
          subscriptions: session?.usage.record.subscriptions ?? 0,
          conflations: session?.usage.record.conflations ?? 0,
        })
        if (open.size === 0) closing?.resolve()
      }
    },
    async closeAll(withinMs) {
      closing ??= Promise.withResolvers()
      if (open.size === 0) return
      // The second half is for those who are slow to answer.
      const cancelWaves = closeInWaves([...open], Math.min(withinMs / 2, open.size * MS_PER_CONNECTION))
      const cancelTimer = clock.timer(withinMs, () => {
        for (const connection of open) connection.terminate()
      })
      await closing.promise
      cancelWaves()
      cancelTimer()
    },
  }
}
