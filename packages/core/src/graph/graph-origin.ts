import { shortened } from '../operation/shortened.ts'

/** The clouds that Microsoft Graph runs in: Azure, US Government L4 and L5 (DoD), and China (21Vianet). */
export type GraphCloud = 'global' | 'usgov' | 'usgov-dod' | 'china'

/** @see https://learn.microsoft.com/graph/deployments */
const origins: Readonly<Record<GraphCloud, string>> = {
  global: 'https://graph.microsoft.com',
  usgov: 'https://graph.microsoft.us',
  'usgov-dod': 'https://dod-graph.microsoft.us',
  china: 'https://microsoftgraph.chinacloudapi.cn',
}

/**
 * The domains in which Microsoft runs a Graph: of the clouds above, with the canary, regional and test hosts
 * below them, of the retired German cloud, and of the clouds that only their own customers can reach.
 */
const microsoftDomains: readonly string[] = [
  'microsoft.com',
  'microsoft.us',
  'chinacloudapi.cn',
  'microsoft.de',
  'microsoft-ppe.com',
  'microsoft.scloud',
  'eaglex.ic.gov',
  'sovcloud.fr',
  'sovcloud.de',
]

export interface GraphOriginOptions {
  /** @default 'global' */
  readonly cloud?: GraphCloud | undefined
  /** Another origin than the cloud's, such as `http://localhost:3000` of a simulator. */
  readonly graphOrigin?: string | undefined
}

/**
 * The origin that all requests, and the token, go to: `scheme://host[:port]`, normalized.
 *
 * @throws TypeError for an unknown cloud, and for an origin that is none, or that would send the token
 * unencrypted to another machine
 */
export function resolveGraphOrigin({ cloud = 'global', graphOrigin }: GraphOriginOptions = {}): string {
  if (!Object.hasOwn(origins, cloud)) {
    throw new TypeError(
      `Expected \`cloud\` to be ${Object.keys(origins).join(', ')}, got ${shortened(cloud)}`,
    )
  }
  return graphOrigin === undefined ? origins[cloud] : bareOrigin(graphOrigin)
}

function bareOrigin(text: string): string {
  if (typeof text !== 'string' || !URL.canParse(text)) throw refusal(text, 'it is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refusal(text, 'its scheme is not https')
  if (url.username !== '' || url.password !== '') {
    // Not quoted as a whole: messages are logged.
    throw refusal(url.origin, 'before the host it contains a user name or password')
  }
  // `href` tells an empty query from none: `https://host/?` is as little an origin as `https://host/?x`.
  if (url.href !== `${url.origin}/`) {
    throw refusal(text, 'it has a path, query or fragment; leave the version out as well')
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw refusal(text, 'http would send the token unencrypted to another machine; use https')
  }
  return url.origin
}

function refusal(got: unknown, why: string): TypeError {
  return new TypeError(
    `Expected \`graphOrigin\` to be an origin such as ${origins.global} or http://localhost:3000, got ${shortened(got)}: ${why}`,
  )
}

/** Hosts that are this machine. The parser has already written every spelling of an IPv4 address as four decimals. */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

/**
 * Whether this origin may be a Microsoft Graph, where the 30 seconds between two checks are the terms of use.
 * Looks at the host alone: no scheme, port, letter case or trailing dot makes it another one. Any host of a
 * domain that has a Graph counts as one: a test server has no business there.
 */
export function isMicrosoftGraphOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const host = new URL(origin).hostname.toLowerCase().replace(/\.+$/, '')
  return microsoftDomains.some((domain) => host === domain || host.endsWith(`.${domain}`))
}
