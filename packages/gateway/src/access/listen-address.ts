import { isLoopbackAddress } from './loopback.ts'

/** Gives all addresses of a host name, as `dns.promises.lookup(host, { all: true })` does. */
export type LookupAll = (host: string) => Promise<readonly { readonly address: string }[]>

/** Others could reach the gateway, and nothing would tell who may. */
export class ReachableAddressError extends Error {
  readonly code = 'REACHABLE_ADDRESS'

  constructor(host: string, address: string) {
    super(
      `Expected an address that only this machine can reach, got ${host}${meaning(host, address)}. ` +
        'There is no authentication, so everybody who can reach the gateway could follow operations with ' +
        'its permissions. Have clients prove who they are (--auth entra), or listen on 127.0.0.1 or ::1.',
    )
    this.name = 'ReachableAddressError'
  }
}

export interface ListenAddressOptions {
  readonly lookup: LookupAll
  /** Whether clients have to prove who they are, so that others may reach it. */
  readonly isAuthenticated: boolean
}

/**
 * The address to listen on for a host. A name is resolved here, and what it gave is what to listen on:
 * resolved again, it could give something else.
 *
 * @throws ReachableAddressError when any of the host's addresses is not a loopback one, unless clients have
 *   to prove who they are
 */
export async function resolveListenAddress(
  host: string,
  { lookup, isAuthenticated }: ListenAddressOptions,
): Promise<string> {
  const addresses = await lookup(host)
  const [first] = addresses
  if (!first)
    throw new Error(`Expected the name or the address of this machine, got ${host}, which has no address.`)
  for (const { address } of addresses) {
    if (!isAuthenticated && !isLoopbackAddress(address)) throw new ReachableAddressError(host, address)
  }
  return first.address
}

function meaning(host: string, address: string): string {
  if (address === '0.0.0.0' || address === '::') return ', which is every network interface'
  return host === address ? '' : `, which is ${address}`
}
