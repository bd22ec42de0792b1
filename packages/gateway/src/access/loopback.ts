import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether only this machine can reach the address, an IPv4 or IPv6 one in any spelling. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Whether a host name, as URLs have it, means this machine wherever it is resolved. Any other name means
 * what a name server says, also when that is 127.0.0.1.
 */
export function isLoopbackName(hostname: string): boolean {
  const name = hostname.toLowerCase()
  return (
    name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name.replace(/^\[(.*)\]$/, '$1'))
  )
}
