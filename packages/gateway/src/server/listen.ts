import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { systemClock, type Clock } from '@teams-operations/core'
import { resolveListenAddress } from '../access/listen-address.ts'
import type { Gateway } from '../gateway.ts'
import { ListenError } from './listen-error.ts'

export interface ListenOptions {
  /** A name or an address of this machine, one that others can't reach. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
}

export interface GatewayServer {
  /** Where it is reached, such as `http://127.0.0.1:4000`. */
  readonly origin: string
  /**
   * Stops listening, ends all subscriptions so that their clients come back, and lets requests finish that
   * are under way; after `withinMs` by force. Resolves when nothing is left.
   */
  stop(withinMs: number): Promise<void>
}

/**
 * Serves a gateway on a port of this machine.
 *
 * @throws ReachableAddressError when others could reach it there
 * @throws ListenError when it is not possible to listen there
 */
export async function listen(
  gateway: Gateway,
  { host, port, clock = systemClock }: ListenOptions,
): Promise<GatewayServer> {
  const address = await resolveListenAddress(host, (name) => lookup(name, { all: true }))
  const server = createServer(gateway.handleRequest)
  server.on('upgrade', gateway.handleUpgrade)
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

  return {
    origin: `http://${isIPv6(host) ? `[${host}]` : host}:${portOf(server)}`,
    async stop(withinMs) {
      const closed = once(server, 'close')
      server.close()
      const cancelTimer = clock.timer(withinMs, () => server.closeAllConnections())
      await gateway.drain(withinMs)
      await closed
      cancelTimer()
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('Expected the server to listen on a port')
  return address.port
}
