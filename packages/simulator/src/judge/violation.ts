/** What every violation tells: which request, and when it began on the simulator's monotonic clock. */
interface Offence {
  /** The `sequence` of the journal entry. */
  readonly sequence: number
  readonly startedAt: number
  readonly requestId: string
  /** For people. */
  readonly message: string
}

/** An operation was checked again too soon after the end of the previous answer, or while it was awaited. */
export interface CheckTooEarly extends Offence {
  readonly type: 'check-too-early'
  readonly operation: string
  /** From the end of the previous answer; 0 where that had not come yet. */
  readonly gapMs: number
  readonly floorMs: number
}

/** A request of any kind was sent before a `Retry-After` had passed. */
export interface RequestDuringRetryAfter extends Offence {
  readonly type: 'request-during-retry-after'
  readonly retryAfter: string
  /** The `sequence` of the entry whose answer asked for it. */
  readonly askedBy: number
  /** How much of it was left. */
  readonly remainingMs: number
}

export interface BatchTooLarge extends Offence {
  readonly type: 'batch-too-large'
  readonly size: number
}

/** Operations were read without `Prefer: include-unknown-enum-members`. */
export interface MissingPrefer extends Offence {
  readonly type: 'missing-prefer'
}

export interface MissingClientRequestId extends Offence {
  readonly type: 'missing-client-request-id'
}

/** Two requests had the same `client-request-id`. */
export interface RepeatedClientRequestId extends Offence {
  readonly type: 'repeated-client-request-id'
  readonly clientRequestId: string
}

/** A token was sent to another origin, or inside a batch. */
export interface ForeignToken extends Offence {
  readonly type: 'foreign-token'
  readonly url: string
}

/** More requests in a second than Graph's limits grant. */
export interface OverLimit extends Offence {
  readonly type: 'over-team-limit' | 'over-chat-limit' | 'over-tenant-limit'
  /** The team, chat or channel; for the tenant the row of the table of limits. */
  readonly resource: string
  readonly perSecond: number
}

/** The same start was sent again soon, with nothing else in between for what it is about. */
export interface RepeatedStart extends Offence {
  readonly type: 'repeated-start'
  readonly url: string
  /** The `sequence` of the entry that it repeats. */
  readonly repeats: number
}

/** A rule of Graph, or of its terms of use, that a client has broken. */
export type Violation =
  | CheckTooEarly
  | RequestDuringRetryAfter
  | BatchTooLarge
  | MissingPrefer
  | MissingClientRequestId
  | RepeatedClientRequestId
  | ForeignToken
  | OverLimit
  | RepeatedStart

export type ViolationType = Violation['type']

/** A finding before it is tied to an entry. */
export type Finding = WithoutOffence<Violation>

type WithoutOffence<V> = V extends Violation ? Omit<V, keyof Omit<Offence, 'message'>> : never
