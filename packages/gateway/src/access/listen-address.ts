import { lookup as lookupByDns } from 'node:dns/promises'
import { isLoopbackAddress } from './loopback.ts'

/** Gives all addresses of a host name, as `dns.promises.lookup(host, { all: true })` does. */
export type LookupAll = (host: string) => Promise<readonly { readonly address: string }[]>

const lookupAll: LookupAll = (host) => lookupByDns(host, { all: true })

/** There is no such machine to listen on, or nobody says so now. */
export class UnknownHostError extends Error {
  readonly code = 'UNKNOWN_HOST'

  /** @param cause of the lookup; `undefined` where it gave nothing */
  constructor(host: string, cause?: unknown) {
    super(
      `Expected the name or an address of this machine, got ${host}, ${whyUnknown(cause)}. ` +
        'Take 127.0.0.1, or localhost.',
      { cause },
    )
    this.name = 'UnknownHostError'
  }
}

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
  /** @default the name servers of this machine */
  readonly lookup?: LookupAll | undefined
  /** Whether clients have to prove who they are, so that others may reach it. */
  readonly isAuthenticated: boolean
}

/**
 * The address to listen on for a host. A name is resolved here, and what it gave is what to listen on:
 * resolved again, it could give something else.
 *
 * @throws ReachableAddressError when any of the host's addresses is not a loopback one, unless clients have
 *   to prove who they are
 * @throws UnknownHostError when it has no address
 */
export async function resolveListenAddress(
  host: string,
  { lookup = lookupAll, isAuthenticated }: ListenAddressOptions,
): Promise<string> {
  const addresses = await lookup(host).catch((error: unknown) => {
    throw new UnknownHostError(host, error)
  })
  const [first] = addresses
  if (!first) throw new UnknownHostError(host)
  for (const { address } of addresses) {
    if (!isAuthenticated && !isLoopbackAddress(address)) throw new ReachableAddressError(host, address)
  }
  return first.address
}

function whyUnknown(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (cause === undefined || code === 'ENOTFOUND' || code === 'ENODATA') return 'which has no address'
  if (code === 'EAI_AGAIN') return 'for which no name server answers at the moment (EAI_AGAIN)'
  return `which cannot be looked up (${cause instanceof Error ? cause.message : String(code)})`
}

function meaning(host: string, address: string): string {
  if (address === '0.0.0.0' || address === '::') return ', which is every network interface'
  return host === address ? '' : `, which is ${address}`
}
