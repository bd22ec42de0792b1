import type { Clock } from '@teams-operations/core'
import type { Session } from '../access/session.ts'
import { TooManyConnectionsError } from '../errors/too-many-connections-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'
import type { ClosedConnection } from '../observability/connection-record.ts'
import type { GatewayCounts } from '../observability/gateway-counts.ts'
import type { CloseReason, ConnectionTransport } from '../observability/gateway-stats.ts'

/** Something that stays open: a WebSocket, or a response with events or parts. */
export interface Connection {
  readonly transport: ConnectionTransport
  /** The header `Origin`. */
  readonly origin: string | undefined
  /** Whose it is; `undefined` as long as that is not known. */
  readonly session: Session | undefined
  /** Ends it in the way that makes its client come back: the gateway stops, the subscription is not done. */
  drain(): void
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

/** Room for a connection that is still being prepared. */
export interface Place {
  /** The connection is there, and ends as every other. */
  take(connection: Connection): void
  /** Nothing comes of it. Harmless when it was taken, or given back before. */
  release(): void
}

/** What is open at the moment, whatever it came over. */
export interface Connections {
  readonly size: number
  /** Whether there are as many as there may be, those that are being prepared included. */
  readonly isFull: boolean
  /** Whether new ones are refused: the gateway stops. */
  readonly isClosing: boolean
  /** Whether there are as many again of which it is not known yet whose they are. */
  readonly isFullOfStrangers: boolean
  /** Counts a connection. */
  add(connection: Connection): void
  /** The same for one of which it is not known yet whose it is: it takes nobody's place. */
  addStranger(connection: Connection): void
  /**
   * Gives a stranger a place, now that it is known whose it is.
   *
   * @throws TooManyConnectionsError
   */
  admit(connection: Connection): void
  /**
   * Keeps room for one more.
   *
   * @throws TooManyConnectionsError
   * @throws UnavailableError when the gateway stops
   */
  reserve(): Place
  /** It has ended. Harmless when that is known. */
  remove(connection: Connection, end: ConnectionEnd): void
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

/** When a connection was opened, on the monotonic clock, and as the how manyth. */
interface Opening {
  readonly id: number
  readonly at: number
  /** Whether it counts, and is no stranger. */
  isAdmitted: boolean
}

/** Between two waves in which connections are closed. */
const WAVE_MS = 100
/** How many come back at once is what another gateway has to bear: 500 in a second, where there is time. */
const MS_PER_CONNECTION = 2

export function createConnections(options: ConnectionsOptions): Connections {
  const { clock, random, max, counts, onClosed } = options
  const open = new Map<Connection, Opening>()
  let opened = 0
  let admitted = 0
  let reserved = 0
  let isClosing = false
  /** Resolved when the last has ended. */
  let empty: PromiseWithResolvers<void> | undefined

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
        last.connection.drain()
      }
      if (waiting.length > 0) cancelTimer = clock.timer(WAVE_MS, closeDue)
    }

    closeDue()
    return () => cancelTimer()
  }

  function addStranger(connection: Connection): Opening {
    opened += 1
    const opening = { id: opened, at: clock.monotonic(), isAdmitted: false }
    open.set(connection, opening)
    counts.opened(connection.transport)
    return opening
  }

  function count(opening: Opening): void {
    opening.isAdmitted = true
    admitted += 1
  }

  function add(connection: Connection): void {
    count(addStranger(connection))
  }

  function demandRoom(): void {
    if (isFull()) throw new TooManyConnectionsError(`${max} connections`)
  }

  const isFull = (): boolean => admitted + reserved >= max

  return {
    add,
    addStranger: (connection) => void addStranger(connection),
    admit(connection) {
      const opening = open.get(connection)
      if (!opening || opening.isAdmitted) return
      demandRoom()
      count(opening)
    },
    get isFullOfStrangers() {
      return open.size - admitted >= max
    },
    get size() {
      return open.size
    },
    get isFull() {
      return isFull()
    },
    get isClosing() {
      return isClosing
    },
    reserve() {
      if (isClosing) throw new UnavailableError('The gateway is stopping.', 'Came while it stops')
      demandRoom()
      reserved += 1
      let isHeld = true
      function release(): void {
        if (isHeld) reserved -= 1
        isHeld = false
      }
      return {
        release,
        take(connection) {
          release()
          add(connection)
        },
      }
    },
    remove(connection, { reason, code, bytesSent, bytesReceived }) {
      const opening = open.get(connection)
      if (!opening) return
      open.delete(connection)
      if (opening.isAdmitted) admitted -= 1
      const { transport, origin, session } = connection
      counts.closed(transport, reason)
      if (open.size === 0) {
        empty?.resolve()
        empty = undefined
      }
      onClosed({
        id: opening.id,
        transport,
        principalId: session?.identity.principal.id,
        origin,
        reason,
        code,
        durationMs: Math.round(clock.monotonic() - opening.at),
        bytesSent,
        bytesReceived,
        subscriptions: session?.usage.record.subscriptions ?? 0,
        conflations: session?.usage.record.conflations ?? 0,
      })
    },
    async closeAll(withinMs) {
      isClosing = true
      if (open.size === 0) return
      empty ??= Promise.withResolvers()
      const { promise } = empty
      // The second half is for those who are slow to answer.
      const cancelWaves = closeInWaves(
        [...open.keys()],
        Math.min(withinMs / 2, open.size * MS_PER_CONNECTION),
      )
      const cancelTimer = clock.timer(withinMs, () => {
        for (const connection of open.keys()) connection.terminate()
      })
      await promise
      cancelWaves()
      cancelTimer()
    },
  }
}
