import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import { systemClock, type Clock } from '@teams-operations/core'
import { ListenError } from './listen-error.ts'

export interface HttpServerOptions {
  /** As people know it: a name or an address of this machine. */
  readonly host: string
  /** What to listen on. @default `host` */
  readonly address?: string | undefined
  /** 0 takes any free port. */
  readonly port: number
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
}

/** Disposing it cuts all connections. */
export interface HttpServer extends AsyncDisposable {
  readonly server: Server
  /** Where it is reached, such as `http://127.0.0.1:4000`. */
  readonly origin: string
  /**
   * Stops listening, and lets requests finish that are under way; after `withinMs` every connection is cut,
   * whatever it has become. Resolves when nothing is left.
   */
  close(withinMs: number): Promise<void>
}

/** How long a client may take to send its request: one that never ends it costs a connection. */
const patience = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 }

/**
 * Listens for HTTP.
 *
 * @throws ListenError when that is not possible there
 */
export async function startHttpServer(
  listener: RequestListener,
  { host, address = host, port, clock = systemClock }: HttpServerOptions,
): Promise<HttpServer> {
  const server = createServer(patience, listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (_, response) => {
    // When it stops, a connection that is kept alive for more would keep it from ending.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
  })
  server.listen(port, address)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new ListenError(host, port, error)
  }

  async function close(withinMs: number): Promise<void> {
    const closed = once(server, 'close')
    server.close()
    // Node forgets those that were upgraded, and a client may leave them half open for ever.
    const cancelTimer = clock.timer(withinMs, () => {
      for (const socket of sockets) socket.destroy()
    })
    await closed
    cancelTimer()
    // The server has closed when they are destroyed, and those who use them have yet to be told.
    await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  }

  return {
    server,
    origin: `http://${nameOf(host)}:${portOf(server)}`,
    close,
    [Symbol.asyncDispose]: () => close(0),
  }
}

/** What reaches it from this machine: every interface has no name of its own. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return isIPv6(host) ? `[${host}]` : host
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('Expected the server to listen on a port')
  return address.port
}
