import { systemClock, type Clock } from './clock.ts'
import type { TokenCredential } from './graph/credential.ts'
import { isMicrosoftGraphOrigin, resolveGraphOrigin, type GraphCloud } from './graph/graph-origin.ts'
import type { Transport } from './graph/transport.ts'
import { checkQuotaShare, type Quota } from './polling/quota.ts'
import type { CheckFailure } from './polling/check-failure.ts'
import type { OperationStore } from './polling/operation-store.ts'

/**
 * No two checks of an operation of Microsoft Graph are closer than this: its documentation says "wait >30
 * seconds between checks", and its terms of use hold an app to that.
 *
 * @see https://learn.microsoft.com/graph/api/resources/teamsasyncoperation
 */
const MIN_POLL_INTERVAL_MS = 30_000

export interface OperationsClientOptions {
  /**
   * Where tokens come from: any credential of `@azure/identity`. Not needed with a `transport` that
   * authenticates by itself.
   */
  readonly credential?: TokenCredential | undefined
  /** How requests reach Graph. @default `fetchTransport()` */
  readonly transport?: Transport | undefined
  /** @default 'global' */
  readonly cloud?: GraphCloud | undefined
  /** Another origin than the cloud's, such as a simulator's. @default that of `cloud` */
  readonly graphOrigin?: string | undefined
  /**
   * From the end of one response to the start of the next request for the same operation, in milliseconds.
   * Below 30,000 only for an origin that is not Microsoft Graph.
   *
   * @default 31_000
   */
  readonly pollIntervalMs?: number | undefined
  /**
   * How much of what Graph grants the app (30 reads per second in a tenant) this client may use: more than
   * 0, at most 1. The app has other things to do.
   *
   * @default 0.5
   */
  readonly quotaShare?: number | undefined
  /**
   * Due times are rounded up to a grid of this many milliseconds, so that operations travel together. 0
   * sends each when it is due. Measured by `npm run bench -- alignment`.
   *
   * @default 2_000, or a tenth of `pollIntervalMs` where that is less
   */
  readonly alignMs?: number | undefined
  /** How long to wait for an answer. @default 30_000 */
  readonly requestTimeoutMs?: number | undefined
  /**
   * What the app is granted, shared with its other clients: see `createQuota`. In place of `quotaShare`.
   *
   * @default one of its own
   */
  readonly quota?: Quota | undefined
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
  /** From 0 up to 1; for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Where polling remembers. @default the memory of this process */
  readonly store?: OperationStore | undefined
  /**
   * Told of each check that gave no state, whoever follows the operation: for logs. Must not throw.
   *
   * @default nobody is told
   */
  readonly onCheckFailed?: ((failure: CheckFailure) => void) | undefined
  /**
   * Told when nothing is sent for a while, because Graph asked for that or failed, and for how many milliseconds
   * from now; again when that becomes longer. Of a shared quota, the client is told whose request it was. Must not
   * throw.
   *
   * @default nobody is told
   */
  readonly onPause?: ((pauseMs: number) => void) | undefined
}

export interface ResolvedOptions {
  readonly origin: string
  readonly clock: Clock
  readonly random: () => number
  readonly intervalMs: number
  readonly alignMs: number
  readonly firstCheckDelayMs: number
  readonly quotaShare: number
  readonly quota: Quota | undefined
  readonly requestTimeoutMs: number
}

const DEFAULT_INTERVAL_MS = 31_000
/** In the recorded traffic nothing was done at once, and everything 5 to 17 seconds after the start. */
const FIRST_CHECK_DELAY_MS = 8_000
const ALIGN_MS = 2_000

/**
 * Checks the options and fills in what they leave open.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what was got
 */
export function resolveOptions(options: OperationsClientOptions): ResolvedOptions {
  const { clock = systemClock, random: draw = Math.random } = options
  // Jitter may only ever add to an interval, whatever is drawn.
  const random = (): number => Math.min(1, Math.max(0, draw() || 0))
  const origin = resolveGraphOrigin(options)
  const minIntervalMs = isMicrosoftGraphOrigin(origin) ? MIN_POLL_INTERVAL_MS : 1
  const intervalMs = options.pollIntervalMs ?? DEFAULT_INTERVAL_MS
  if (!Number.isFinite(intervalMs) || intervalMs < minIntervalMs) {
    throw new RangeError(
      minIntervalMs === MIN_POLL_INTERVAL_MS
        ? `Expected pollIntervalMs to be at least ${MIN_POLL_INTERVAL_MS} for ${origin}, got ${intervalMs}. ` +
            'Microsoft Graph asks for more than 30 seconds between two checks; only another origin, such as the simulator, may be polled faster.'
        : `Expected pollIntervalMs to be a positive number of milliseconds, got ${intervalMs}.`,
    )
  }
  const quotaShare = checkQuotaShare(options.quotaShare ?? 0.5)
  if (options.quota && options.quotaShare !== undefined) {
    throw new TypeError('Expected quota or quotaShare, got both: a shared quota has a share of its own.')
  }
  const requestTimeoutMs = options.requestTimeoutMs ?? 30_000
  if (!(requestTimeoutMs > 0)) {
    throw new RangeError(
      `Expected requestTimeoutMs to be a positive number of milliseconds, got ${requestTimeoutMs}.`,
    )
  }
  const alignMs = options.alignMs ?? Math.min(ALIGN_MS, intervalMs / 10)
  if (!(alignMs >= 0 && alignMs < Infinity)) {
    throw new RangeError(`Expected alignMs to be 0 or a number of milliseconds, got ${alignMs}.`)
  }
  return {
    origin,
    clock,
    random,
    // "More than 30 seconds" is strict: 30,000 itself would be one millisecond too early.
    intervalMs: intervalMs === minIntervalMs ? intervalMs + 1 : intervalMs,
    alignMs,
    firstCheckDelayMs: Math.min(FIRST_CHECK_DELAY_MS, intervalMs),
    quotaShare,
    quota: options.quota,
    requestTimeoutMs,
  }
}
