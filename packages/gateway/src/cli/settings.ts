import type { GraphCloud } from '@teams-operations/core'

/** What `serve` can be told, by a flag or an environment variable; a flag wins. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly cloud: GraphCloud
  readonly graphOrigin: string | undefined
  readonly pollIntervalMs: number | undefined
  readonly quotaShare: number | undefined
  readonly simulate: boolean
}

/** One setting as people know it. */
export interface Setting<Value> {
  readonly flag: string
  readonly variable: string
  /** Shown in place of a value; none for a switch. */
  readonly placeholder?: string
  readonly help: string
  /** Shown as the default. */
  readonly shownDefault: string
  readonly default: Value
  /** @returns `undefined` when the text is none of the values that `expected` describes */
  readonly parse: (text: string) => Value | undefined
  readonly expected: string
}

const clouds = ['global', 'usgov', 'usgov-dod', 'china'] as const satisfies readonly GraphCloud[]

/** Every setting once: where it comes from, how it is read, and what `--help` says. */
export const settings: { readonly [Name in keyof Settings]: Setting<Settings[Name]> } = {
  port: {
    flag: 'port',
    variable: 'PORT',
    placeholder: 'number',
    help: 'Port to listen on; 0 takes any free one.',
    shownDefault: '4000',
    default: 4000,
    parse: (text) => parseNumber(text, (port) => Number.isInteger(port) && port >= 0 && port <= 65_535),
    expected: 'a port from 0 to 65535',
  },
  host: {
    flag: 'host',
    variable: 'HOST',
    placeholder: 'name',
    help: 'Address to listen on, one that only this machine can reach.',
    shownDefault: '127.0.0.1',
    default: '127.0.0.1',
    parse: (text) => text.replace(/^\[(.*)\]$/, '$1'),
    expected: 'a name or an address of this machine',
  },
  cloud: {
    flag: 'cloud',
    variable: 'GRAPH_CLOUD',
    placeholder: 'name',
    help: `Where Microsoft Graph is: ${clouds.join(', ')}.`,
    shownDefault: 'global',
    default: 'global',
    parse: (text) => clouds.find((cloud) => cloud === text),
    expected: `one of ${clouds.join(', ')}`,
  },
  graphOrigin: {
    flag: 'graph-origin',
    variable: 'GRAPH_ORIGIN',
    placeholder: 'origin',
    help: 'Another Graph, such as a simulator at http://127.0.0.1:4100.',
    shownDefault: "the cloud's",
    default: undefined,
    parse: (text) => text,
    expected: 'an origin',
  },
  pollIntervalMs: {
    flag: 'poll-interval-ms',
    variable: 'POLL_INTERVAL_MS',
    placeholder: 'number',
    help: "Between two checks of an operation; Microsoft's Graph asks for 30000.",
    shownDefault: '31000',
    default: undefined,
    parse: (text) => parseNumber(text, Number.isFinite),
    expected: 'a number of milliseconds',
  },
  quotaShare: {
    flag: 'quota-share',
    variable: 'QUOTA_SHARE',
    placeholder: 'number',
    help: "Share of Graph's limits that checks may use: above 0, up to 1.",
    shownDefault: '0.5',
    default: undefined,
    parse: (text) => parseNumber(text, Number.isFinite),
    expected: 'a number',
  },
  simulate: {
    flag: 'simulate',
    variable: 'SIMULATE',
    help: 'Follow a simulated Microsoft Graph, where a few operations always run.',
    shownDefault: 'off',
    default: false,
    parse: (text) => switches.get(text.toLowerCase()),
    expected: 'true or false',
  },
}

const switches: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['off', false],
  ['no', false],
])

function parseNumber(text: string, isGood: (value: number) => boolean): number | undefined {
  // Number('') and Number(' ') are 0.
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN
  return isGood(value) ? value : undefined
}
