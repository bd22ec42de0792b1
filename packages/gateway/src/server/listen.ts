import type { Clock } from '@teams-operations/core'
import { resolveListenAddress } from '../access/listen-address.ts'
import type { Gateway } from '../gateway.ts'
import { startHttpServer } from './http-server.ts'
import type { Endpoints } from './operator-endpoints.ts'

export interface ListenOptions {
  /** A name or an address of this machine. One that others can reach, where clients have to prove who they are. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** What is answered before the gateway is asked. @default nothing */
  readonly endpoints?: Endpoints | undefined
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
 * @throws ReachableAddressError when others could reach it there who have proved nothing
 * @throws UnknownHostError when the host has no address
 * @throws ListenError when it is not possible to listen there
 */
export async function listen(
  gateway: Gateway,
  { host, port, endpoints = () => false, clock }: ListenOptions,
): Promise<GatewayServer> {
  const address = await resolveListenAddress(host, { isAuthenticated: gateway.isAuthenticated })
  const { server, origin, close } = await startHttpServer(
    (request, response) => {
      if (!endpoints(request, response)) gateway.handleRequest(request, response)
    },
    { host, address, port, clock },
  )
  server.on('upgrade', gateway.handleUpgrade)

  return {
    origin,
    async stop(withinMs) {
      await Promise.all([close(withinMs), gateway.drain(withinMs)])
    },
  }
}
