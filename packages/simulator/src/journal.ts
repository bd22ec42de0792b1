import type { Clock } from '@teams-operations/core/testing'
import type { Exchange, Target } from './exchange.ts'
import { CheckIntervalRule, type CheckSummary } from './judge/check-interval-rule.ts'
import { ClientRequestIdRule } from './judge/client-request-id-rule.ts'
import { LimitRule } from './judge/limit-rule.ts'
import { RepeatedStartRule } from './judge/repeated-start-rule.ts'
import { RetryAfterRule } from './judge/retry-after-rule.ts'
import type { Finding, Violation, ViolationType } from './judge/violation.ts'
import type { GraphLimits } from './limits.ts'
import { parseOperationLocation } from './model/resource-path.ts'
import { fnv1a } from './random.ts'
import type { Reply } from './reply.ts'
import { MAX_BATCH_SIZE } from './routes/batch.ts'
import { prefersUnknownMembers } from './routes/evolvable-enum.ts'

/** One request, or one item of a batch, as it was seen from the service's side. */
export interface JournalEntry extends Target {
  /** 1 for the first, in the order in which they began. */
  readonly sequence: number
  readonly method: string
  readonly url: string
  /** By lower-case name; of `authorization` there is only a fingerprint. */
  readonly headers: Readonly<Record<string, string>>
  /** On the simulator's monotonic clock. An item of a batch begins and ends with its envelope. */
  readonly startedAt: number
  /** When the answer had been handed over, or the connection was over; `undefined` until then. */
  readonly endedAt: number | undefined
  /** `broken`: no answer came; `missing`: the item was not in the answer; `abandoned`: the client left. */
  readonly outcome: 'pending' | 'answered' | 'missing' | 'broken' | 'abandoned'
  readonly status: number | undefined
  readonly requestId: string
  /** The `Retry-After` that was given, as it was written. */
  readonly retryAfter: string | undefined
  /** For an item of a batch: its `id`, and the `sequence` of the envelope. */
  readonly item: { readonly id: string; readonly envelope: number } | undefined
  /** For the envelope of a batch: how many requests were in it. */
  readonly batchSize: number | undefined
}

export interface JournalOptions {
  /**
   * Which entries are kept: `all`, the latest of a number, or none. Violations, counts and gaps are found
   * as requests come, and are the same whatever is kept.
   *
   * @default 'all'
   */
  readonly keep?: 'all' | 'violations' | number | undefined
  /** From the end of an answer to the next check of the same operation. @default 30_000 */
  readonly checkFloorMs?: number | undefined
  /** A longer `Retry-After` binds for this long only: it is taken for a fault. @default 3_600_000, one hour */
  readonly longestRetryAfterMs?: number | undefined
}

/** What came, and whether it should have. */
export interface Journal {
  /** What is kept, in the order in which it began: requests, envelopes and items. */
  readonly entries: readonly JournalEntry[]
  /** What is kept of that which came as a request of its own: no items. */
  readonly requests: readonly JournalEntry[]
  /** How many requests and items there have been, kept or not. */
  readonly counts: JournalCounts
  /** The first 10,000 violations, of one type or of all. Empty for a client that keeps to the rules. */
  violations(type?: ViolationType): readonly Violation[]
  /** How often the rules were broken, also beyond the first 10,000. */
  violationCount(type?: ViolationType): number
  /** What is kept of the checks of one operation, which may be named by its location in any spelling. */
  checksOf(operation: OperationName): readonly JournalEntry[]
  /** The times from the end of an answer to the next check of that operation, as far as they are kept. */
  gapsOf(operation: OperationName): readonly number[]
  /** For every operation that was ever checked: how often, and how far apart. */
  checkSummaries(): Iterable<CheckSummary>
  /** The largest number of checks, of all operations together, that began within any window of this length. */
  maxChecksInWindow(windowMs: number): number
}

export type OperationName = string | { readonly location: string }

export interface JournalCounts {
  readonly requests: number
  readonly batches: number
  readonly items: number
  readonly checks: number
}

type OpenEntry = { -readonly [Name in keyof JournalEntry]: JournalEntry[Name] }

/** An entry that has begun, and the limits it is over. */
export interface BegunEntry {
  readonly entry: JournalEntry
  readonly isOverLimit: boolean
}

const KEPT_VIOLATIONS = 10_000

/** The {@link Journal} with the side that writes it. */
export class RecordingJournal implements Journal {
  readonly #clock: Clock
  readonly #keep: number
  readonly #entries: OpenEntry[] = []
  readonly #violations: Violation[] = []
  readonly #violationCounts = new Map<ViolationType, number>()
  readonly #counts = { requests: 0, batches: 0, items: 0, checks: 0 }
  /** When each check began, ascending: 8 bytes apiece, so they are all kept. */
  readonly #checkMoments: number[] = []
  #sequence = 0

  readonly #checkIntervals: CheckIntervalRule
  readonly #retryAfter: RetryAfterRule
  readonly #limits: LimitRule
  readonly #clientRequestIds = new ClientRequestIdRule()
  readonly #repeatedStarts = new RepeatedStartRule()

  /** @throws {RangeError} when the number of entries to keep is none */
  constructor(clock: Clock, limits: GraphLimits, options: JournalOptions = {}) {
    const { keep = 'all', checkFloorMs = 30_000, longestRetryAfterMs = 3_600_000 } = options
    this.#clock = clock
    this.#keep = keep === 'all' ? Infinity : keep === 'violations' ? 0 : keep
    if (this.#keep !== Infinity && !(Number.isInteger(this.#keep) && this.#keep >= 0)) {
      throw new RangeError(`Expected \`keep\` to be 'all', 'violations' or a number of entries, got ${keep}`)
    }
    this.#checkIntervals = new CheckIntervalRule(checkFloorMs)
    this.#retryAfter = new RetryAfterRule(longestRetryAfterMs)
    this.#limits = new LimitRule(limits)
  }

  /** Writes down that a request came, and judges it. */
  begin(
    exchange: Exchange,
    details: { envelope?: JournalEntry | undefined; batchSize?: number | undefined } = {},
  ): BegunEntry {
    const { request, target, requestId, item } = exchange
    const { envelope, batchSize } = details
    const entry: OpenEntry = {
      ...target,
      sequence: ++this.#sequence,
      method: request.method,
      url: request.url.href,
      headers: withoutToken(request.headers),
      startedAt: envelope?.startedAt ?? this.#clock.monotonic(),
      endedAt: undefined,
      outcome: 'pending',
      status: undefined,
      requestId,
      retryAfter: undefined,
      item: item && envelope ? { id: item.id, envelope: envelope.sequence } : undefined,
      batchSize,
    }
    this.#store(entry)
    if (envelope) this.#counts.items += 1
    else this.#counts.requests += 1
    if (target.kind === 'batch') this.#counts.batches += 1
    if (target.operation !== undefined) {
      this.#counts.checks += 1
      this.#checkMoments.push(entry.startedAt)
    }
    return { entry, isOverLimit: this.#judge(entry, exchange) }
  }

  /** Writes down what a request was answered with, before the answer is handed over. */
  answer({ sequence }: JournalEntry, reply: Reply): void {
    const entry = this.#open.get(sequence)
    if (!entry || reply.delivery === 'dropped' || reply.delivery === 'silent') return
    entry.status = reply.status
    entry.retryAfter = reply.headers['retry-after']
  }

  /** Writes down that a request is over. */
  end({ sequence }: JournalEntry, outcome: Exclude<JournalEntry['outcome'], 'pending'>): void {
    const entry = this.#open.get(sequence)
    if (!entry) return
    this.#open.delete(sequence)
    const at = this.#clock.monotonic()
    entry.endedAt = at
    entry.outcome = outcome
    if (entry.operation !== undefined) this.#checkIntervals.end(entry.operation, at)
    const wasRefused = outcome === 'answered' && (entry.status ?? 0) >= 400
    if (wasRefused && entry.retryAfter !== undefined) {
      this.#retryAfter.end(entry.retryAfter, sequence, at, this.#clock.now())
    }
  }

  /** Those that have not ended, whether they are kept or not. */
  readonly #open = new Map<number, OpenEntry>()

  #store(entry: OpenEntry): void {
    this.#open.set(entry.sequence, entry)
    if (this.#keep === 0) return
    this.#entries.push(entry)
    // Dropping half of them at once makes it cheap on average.
    if (this.#entries.length >= 2 * this.#keep) this.#entries.splice(0, this.#entries.length - this.#keep)
  }

  /** @returns whether the request is over one of Graph's limits */
  #judge(entry: JournalEntry, { request }: Exchange): boolean {
    const { kind, startedAt: at, item, sequence, headers } = entry
    if (headers['authorization'] !== undefined && (kind === 'foreign' || item)) {
      const message = `A token was sent ${item ? 'inside a batch' : 'to another origin'}: ${entry.url}`
      this.#report(entry, { type: 'foreign-token', url: entry.url, message })
    }
    if (kind === 'foreign') return false

    this.#report(entry, this.#clientRequestIds.begin(headers['client-request-id'], !item))
    // The items of a batch were sent with their envelope, which has been judged.
    if (!item) this.#report(entry, this.#retryAfter.begin(at))
    if (entry.operation !== undefined) this.#report(entry, this.#checkIntervals.begin(entry.operation, at))
    if ((kind === 'check' || kind === 'list') && !prefersUnknownMembers(headers)) {
      const message = 'Operations were read without Prefer: include-unknown-enum-members'
      this.#report(entry, { type: 'missing-prefer', message })
    }
    if (kind === 'start') {
      this.#report(entry, this.#repeatedStarts.begin(request.url.pathname, request.body, sequence, at))
    }
    const size = entry.batchSize ?? 0
    if (size > MAX_BATCH_SIZE) {
      this.#report(entry, { type: 'batch-too-large', size, message: `${size} requests came in one batch` })
    }
    const overLimits = this.#limits.begin(entry, at)
    for (const finding of overLimits) this.#report(entry, finding)
    return overLimits.length > 0
  }

  #report({ sequence, startedAt, requestId }: JournalEntry, finding: Finding | undefined): void {
    if (!finding) return
    this.#violationCounts.set(finding.type, (this.#violationCounts.get(finding.type) ?? 0) + 1)
    if (this.#violations.length < KEPT_VIOLATIONS)
      this.#violations.push({ ...finding, sequence, startedAt, requestId })
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries.length > this.#keep ? this.#entries.slice(-this.#keep) : this.#entries
  }

  get requests(): readonly JournalEntry[] {
    return this.entries.filter(({ item }) => !item)
  }

  get counts(): JournalCounts {
    return { ...this.#counts }
  }

  violations(type?: ViolationType): readonly Violation[] {
    return this.#violations.filter((violation) => type === undefined || violation.type === type)
  }

  violationCount(type?: ViolationType): number {
    if (type !== undefined) return this.#violationCounts.get(type) ?? 0
    return [...this.#violationCounts.values()].reduce((sum, count) => sum + count, 0)
  }

  checksOf(operation: OperationName): readonly JournalEntry[] {
    const location = typeof operation === 'string' ? operation : operation.location
    const name = parseOperationLocation(location) ?? location
    return this.entries.filter((entry) => entry.operation === name)
  }

  gapsOf(operation: OperationName): readonly number[] {
    const checks = this.checksOf(operation)
    return checks.slice(1).map(({ startedAt }, index) => startedAt - (checks[index]?.endedAt ?? startedAt))
  }

  checkSummaries(): Iterable<CheckSummary> {
    return this.#checkIntervals.summaries()
  }

  maxChecksInWindow(windowMs: number): number {
    const moments = this.#checkMoments
    let most = 0
    let first = 0
    for (let last = 0; last < moments.length; last++) {
      while ((moments[last] as number) - (moments[first] as number) >= windowMs) first += 1
      most = Math.max(most, last - first + 1)
    }
    return most
  }
}

function withoutToken(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { authorization } = headers
  if (authorization === undefined) return headers
  const [scheme = '', token = ''] = authorization.split(/\s+/, 2)
  const fingerprint = fnv1a(token).toString(16).padStart(8, '0')
  return { ...headers, authorization: `${scheme} fingerprint:${fingerprint}` }
}
