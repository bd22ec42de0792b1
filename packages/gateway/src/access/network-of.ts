import { isIPv6 } from 'node:net'

/**
 * Whom to count an address for: an IPv4 address for itself, an IPv6 one for its network of /64, since
 * whoever has one address there has all of them.
 */
export function networkOf(address: string): string {
  const host = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(host)) return host
  // The parser of URLs writes an address in one way only, with `::` for the longest run of zeros.
  const { hostname } = new URL(`http://[${host.replace(/%.*$/, '')}]`)
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const behind = tail.split(':').filter((group) => group !== '')
  const zeros = Array.from({ length: 8 - groups.length - behind.length }, () => '0')
  return `${[...groups, ...zeros, ...behind].slice(0, 4).join(':')}::/64`
}
