/** How often something may happen: `burst` times at once, and from then on `perSecond`. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * How much a client may ask for. What is over a limit is refused, or has to wait, for that client alone:
 * one operation is answered with an error, and the socket it came over and all that is on it live on.
 *
 * `Infinity` switches a limit off, but not one in bytes of a whole message.
 */
export interface Limits {
  /** The body of an HTTP request, in bytes. @default 65_536 */
  readonly maxBodyBytes: number
  /** One WebSocket message, in bytes. @default 65_536 */
  readonly maxMessageBytes: number
  /** Lexical tokens in a document. The introspection of GraphiQL has 186. @default 2_000 */
  readonly maxTokens: number
  /**
   * Fields and fragments in an operation, those in a fragment as often as it is spread: some rules of GraphQL
   * compare each of them with each other. The introspection of GraphiQL has 240. @default 300
   */
  readonly maxFields: number
  /** Levels of fields in an operation. The introspection of GraphiQL has 15. @default 16 */
  readonly maxDepth: number
  /** Aliases in an operation, those of a fragment as often as it is spread. @default 50 */
  readonly maxAliases: number
  /** Fields at the root of an operation: each of them may be a request to Graph. @default 20 */
  readonly maxRootFields: number
  /** Directives in an operation, those of a fragment as often as it is spread. @default 50 */
  readonly maxDirectives: number
  /** Variables, as JSON, in bytes: 250 refs of any kind fit. @default 49_152 */
  readonly maxVariablesBytes: number
  /** Levels of lists and objects in variables. @default 10 */
  readonly maxVariablesDepth: number
  /** Operations that one subscription may name. @default 250 */
  readonly maxRefs: number

  /**
   * WebSockets and event streams, of all clients. There may be as many WebSockets again of which it is not known
   * yet whose they are. @default 20_000
   */
  readonly maxConnections: number
  /** WebSockets and event streams, of one user. @default 100 */
  readonly maxConnectionsPerUser: number
  /**
   * WebSockets from one address (of IPv6, one network of /64) that have not been told whose they are. A
   * proxy has one address for all who come through it. @default 1_000
   */
  readonly maxUnauthenticatedPerAddress: number
  /** From the opening of a WebSocket to `connection_init`, in milliseconds. @default 5_000 */
  readonly connectionInitMs: number
  /** Subscriptions over one WebSocket or reserved event stream. @default 250 */
  readonly maxSubscriptionsPerConnection: number
  /** Subscriptions of one user, over whatever. @default 2_000 */
  readonly maxSubscriptionsPerUser: number
  /**
   * Queries and mutations over one WebSocket that have not been answered. Each of their root fields may wait
   * for its turn at Graph. @default 50
   */
  readonly maxQueriesPerConnection: number
  /** Queries and mutations of one user that have not been answered, over whatever. @default 100 */
  readonly maxQueriesPerUser: number
  /** Queries and mutations of all clients that have not been answered. @default 1_000 */
  readonly maxQueries: number
  /** Operations that one user follows, with subscriptions and with queries that wait. @default 1_000 */
  readonly maxFollowedOperationsPerUser: number
  /** Operations that are followed for everybody together. @default 10_000 */
  readonly maxFollowedOperations: number

  /**
   * GraphQL requests (queries, mutations and subscriptions) over one WebSocket. Who comes back after a
   * broken connection may subscribe to everything again at once. @default { burst: 500, perSecond: 50 }
   */
  readonly requestRatePerConnection: Rate
  /** GraphQL requests of one user, over whatever. @default { burst: 4_000, perSecond: 200 } */
  readonly requestRatePerUser: Rate
  /**
   * Messages from one WebSocket, of whatever kind. Who sends more is read more slowly.
   * @default { burst: 2_000, perSecond: 500 }
   */
  readonly messageRate: Rate
  /** What may wait to be sent to a socket before nothing more is read from it, in bytes. @default 1_048_576 */
  readonly maxUnsentBytes: number
  /**
   * How long more than {@link maxUnsentBytes} may wait to be sent to a WebSocket before it is closed, and how
   * long nothing of what waits may leave over HTTP, in milliseconds. @default 30_000
   */
  readonly slowClientMs: number
}

/** Limits as they are set: those that are left out have their default. */
export type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | undefined }

export const defaultLimits: Limits = {
  maxBodyBytes: 65_536,
  maxMessageBytes: 65_536,
  maxTokens: 2_000,
  maxFields: 300,
  maxDepth: 16,
  maxAliases: 50,
  maxRootFields: 20,
  maxDirectives: 50,
  maxVariablesBytes: 49_152,
  maxVariablesDepth: 10,
  maxRefs: 250,
  maxConnections: 20_000,
  maxConnectionsPerUser: 100,
  maxUnauthenticatedPerAddress: 1_000,
  connectionInitMs: 5_000,
  maxSubscriptionsPerConnection: 250,
  maxSubscriptionsPerUser: 2_000,
  maxQueriesPerConnection: 50,
  maxQueriesPerUser: 100,
  maxQueries: 1_000,
  maxFollowedOperationsPerUser: 1_000,
  maxFollowedOperations: 10_000,
  requestRatePerConnection: { burst: 500, perSecond: 50 },
  requestRatePerUser: { burst: 4_000, perSecond: 200 },
  messageRate: { burst: 2_000, perSecond: 500 },
  maxUnsentBytes: 1_048_576,
  slowClientMs: 30_000,
}

/**
 * The limits to keep.
 *
 * @throws TypeError when one that was set is not known, or not as it has to be
 */
export function resolveLimits(options: LimitOptions): Limits {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (!isLimitName(name)) {
      throw new TypeError(`Expected one of ${limitNames.join(', ')} as a limit, got \`${name}\`.`)
    }
    const expected = expectedOf(name)
    if (!expected.isGood(value)) {
      throw new TypeError(`Expected \`limits.${name}\` to be ${expected.what}, got ${show(value)}.`)
    }
  }
  const set = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...defaultLimits, ...Object.fromEntries(set) }
}

const limitNames = Object.keys(defaultLimits)

function isLimitName(name: string): name is keyof Limits {
  return limitNames.includes(name)
}

/** JSON has no word for NaN. */
function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

interface Expected {
  readonly what: string
  readonly isGood: (value: unknown) => boolean
}

function expectedOf(name: keyof Limits): Expected {
  if (typeof defaultLimits[name] === 'object') return rate
  return name === 'maxBodyBytes' || name === 'maxMessageBytes' ? finiteCount : count
}

const count: Expected = {
  what: 'a whole number above 0, or Infinity',
  isGood: (value) => isAboveZero(value) && (Number.isInteger(value) || value === Infinity),
}

const finiteCount: Expected = {
  what: 'a whole number above 0',
  isGood: (value) => isAboveZero(value) && Number.isInteger(value),
}

const rate: Expected = {
  what: '{ burst, perSecond }, both numbers above 0, `burst` at least 1',
  isGood: (value) =>
    typeof value === 'object' &&
    value !== null &&
    'burst' in value &&
    'perSecond' in value &&
    isAboveZero(value.burst) &&
    value.burst >= 1 &&
    isAboveZero(value.perSecond),
}

function isAboveZero(value: unknown): value is number {
  return typeof value === 'number' && value > 0
}
