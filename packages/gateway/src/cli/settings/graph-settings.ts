import type { GraphCloud } from '@teams-operations/core'
import { nonBlank, number, one, onOrOff, type SettingsOf } from './setting.ts'

export interface GraphSettings {
  readonly cloud: GraphCloud
  readonly graphOrigin: string | undefined
  readonly pollIntervalMs: number | undefined
  readonly quotaShare: number | undefined
  readonly simulate: boolean
}

const clouds = ['global', 'usgov', 'usgov-dod', 'china'] as const satisfies readonly GraphCloud[]

/** Which Graph is followed, and how often it is asked. */
export const graphSettings: SettingsOf<GraphSettings> = {
  cloud: {
    flag: 'cloud',
    variable: 'GRAPH_CLOUD',
    placeholder: 'name',
    help: `Where Microsoft Graph is: ${clouds.join(', ')}.`,
    shownDefault: 'global',
    default: 'global',
    parse: one((text) => clouds.find((cloud) => cloud === text)),
    expected: `one of ${clouds.join(', ')}`,
  },
  graphOrigin: {
    flag: 'graph-origin',
    variable: 'GRAPH_ORIGIN',
    placeholder: 'origin',
    help: 'Another Graph, such as a simulator at http://127.0.0.1:4100.',
    shownDefault: "the cloud's",
    default: undefined,
    parse: one(nonBlank),
    expected: 'an origin, such as http://127.0.0.1:4100',
  },
  pollIntervalMs: {
    flag: 'poll-interval-ms',
    variable: 'POLL_INTERVAL_MS',
    placeholder: 'number',
    help: "Between two checks of an operation; Microsoft's Graph asks for 30000.",
    shownDefault: '31000',
    default: undefined,
    parse: one(number(Number.isFinite)),
    expected: 'a number of milliseconds',
  },
  quotaShare: {
    flag: 'quota-share',
    variable: 'QUOTA_SHARE',
    placeholder: 'number',
    help: "Share of Graph's limits that checks may use: above 0, up to 1.",
    shownDefault: '0.5',
    default: undefined,
    parse: one(number(Number.isFinite)),
    expected: 'a number',
  },
  simulate: {
    flag: 'simulate',
    variable: 'SIMULATE',
    help: 'Follow a simulated Microsoft Graph, where a few operations always run.',
    shownDefault: 'off',
    default: false,
    parse: one(onOrOff),
    expected: 'true or false',
  },
}
