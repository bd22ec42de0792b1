import type { Clock } from '@teams-operations/core/testing'
import type { SimulatedOperation } from './model/simulated-operation.ts'
import type { Random } from './random.ts'
import type { Reply } from './reply.ts'

export type GraphVersion = 'v1.0' | 'beta'

/** A request as it came, or one item of a batch as if it had come alone. */
export interface SimulatedRequest {
  readonly method: string
  readonly url: URL
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * What a request does, as far as rules and faults care:
 *
 * - `check` reads one operation, `list` the operations of a team or chat, `read` anything else.
 * - `start` begins something, whether or not it answers with an operation.
 * - `batch` is the envelope of a `$batch`; its items are exchanges of their own.
 * - `foreign` went to another origin, `unknown` to nothing that exists.
 */
export type RequestKind = 'check' | 'list' | 'read' | 'start' | 'batch' | 'foreign' | 'unknown'

/** The row of Graph's table of limits that a request counts against. */
export type LimitClass = 'getTeam' | 'get' | 'createTeam' | 'cloneTeam' | 'createChannel' | 'other'

/** What a request is about. */
export interface Target {
  readonly kind: RequestKind
  /** The name of the method or resource, such as `archiveTeam` or `operation`. */
  readonly route: string
  readonly version: GraphVersion | undefined
  /** The operation that is read, in one spelling whatever the request used. */
  readonly operation: string | undefined
  readonly teamId: string | undefined
  readonly channelId: string | undefined
  readonly chatId: string | undefined
  readonly limit: LimitClass | undefined
}

/** One request and what belongs to it, while it is answered. */
export interface Exchange {
  readonly request: SimulatedRequest
  readonly target: Target
  /** The operation that is read, if there is one. */
  readonly operation: SimulatedOperation | undefined
  readonly requestId: string
  /** For an item of a batch: its `id` and the exchange it came in. */
  readonly item: { readonly id: string; readonly envelope: Exchange } | undefined
  readonly clock: Clock
  readonly random: Random
  /** Aborted when the client has gone or the simulator is closed. */
  readonly signal: AbortSignal
}

/**
 * Something that stands between a request and its answer: it may answer by itself, wait, or change what
 * `next` answered. It sees every exchange, envelopes and items of batches alike, but not
 * what went to another origin; `when` narrows it.
 */
export type Behavior = (exchange: Exchange, next: () => Promise<Reply>) => Promise<Reply> | Reply
