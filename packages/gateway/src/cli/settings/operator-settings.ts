import { host, number, one, port, type SettingsOf } from './setting.ts'

export const logLevels = ['error', 'warn', 'info', 'debug'] as const

export type LogLevel = (typeof logLevels)[number]

export interface OperatorSettings {
  /** `undefined` for none. */
  readonly adminPort: number | undefined
  readonly adminHost: string
  readonly logLevel: LogLevel
  readonly drainMs: number
  readonly drainDelayMs: number
  readonly keepAliveMs: number
}

/** What whoever runs the gateway sees of it, and how it stops. */
export const operatorSettings: SettingsOf<OperatorSettings> = {
  adminPort: {
    flag: 'admin-port',
    variable: 'ADMIN_PORT',
    placeholder: 'number',
    help: 'Port for /metrics, /healthz and /readyz that clients do not reach.',
    shownDefault: 'none',
    default: undefined,
    parse: one(port),
    expected: 'a port from 0 to 65535',
  },
  adminHost: {
    flag: 'admin-host',
    variable: 'ADMIN_HOST',
    placeholder: 'name',
    help: 'Address for them; 0.0.0.0 where Prometheus comes from elsewhere.',
    shownDefault: '127.0.0.1',
    default: '127.0.0.1',
    parse: one(host),
    expected: 'a name or an address of this machine',
  },
  logLevel: {
    flag: 'log-level',
    variable: 'LOG_LEVEL',
    placeholder: 'name',
    help: `The least that is worth a line: ${logLevels.join(', ')}.`,
    shownDefault: 'info',
    default: 'info',
    parse: one((text) => logLevels.find((level) => level === text)),
    expected: `one of ${logLevels.join(', ')}`,
  },
  drainMs: {
    flag: 'drain-ms',
    variable: 'DRAIN_MS',
    placeholder: 'number',
    help: 'How long clients get to leave on SIGTERM; on Ctrl-C 3000 at most.',
    shownDefault: '10000',
    default: 10_000,
    parse: one(number((value) => value > 0 && value <= MAX_DRAIN_MS)),
    expected: 'a number of milliseconds above 0, at most 600000',
  },
  drainDelayMs: {
    flag: 'drain-delay-ms',
    variable: 'DRAIN_DELAY_MS',
    placeholder: 'number',
    help: 'Of that, how long new clients are still served after /readyz says 503.',
    shownDefault: '2000',
    default: 2_000,
    parse: one(number((value) => value >= 0 && value <= MAX_DRAIN_MS)),
    expected: 'a number of milliseconds, at most 600000',
  },
  keepAliveMs: {
    flag: 'keep-alive-ms',
    variable: 'KEEP_ALIVE_MS',
    placeholder: 'number',
    help: 'How often idle connections are kept alive.',
    shownDefault: '25000',
    default: 25_000,
    parse: one(number((value) => value >= 1_000 && value <= 300_000)),
    expected: 'a number of milliseconds from 1000 to 300000',
  },
}

const MAX_DRAIN_MS = 600_000
