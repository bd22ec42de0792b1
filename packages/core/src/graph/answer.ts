import type { TeamsAsyncOperation } from '../operation/teams-async-operation.ts'

/** What one read of one operation gave. Decides nothing: polling does. */
export type Answer = OperationAnswer | UnusableAnswer | RefusedAnswer | MissingAnswer

/** 200 with a usable operation in it. */
export interface OperationAnswer {
  readonly kind: 'operation'
  readonly operation: TeamsAsyncOperation
  readonly requestId: string | undefined
  /** When to ask for this operation again at the earliest, where Graph said so; as for a refusal. */
  readonly retryAfterMs: number | undefined
}

/** 200 (or another success) without a usable operation in it. */
export interface UnusableAnswer {
  readonly kind: 'unusable'
  /** What was got and what was expected. */
  readonly reason: string
  readonly requestId: string | undefined
}

/** Any other status, of the request itself or of its item in a batch. */
export interface RefusedAnswer {
  readonly kind: 'refused'
  readonly status: number
  /** Graph's deepest error code, or an empty string. */
  readonly code: string
  readonly message: string
  readonly requestId: string | undefined
  /** A usable `Retry-After`, as a delay from the moment the answer came. Bounded, never negative, never 0. */
  readonly retryAfterMs: number | undefined
  /** The claims that a 401 challenged for (continuous access evaluation), decoded. */
  readonly claims: string | undefined
}

/** No answer at all. */
export interface MissingAnswer {
  readonly kind: 'missing'
  readonly reason: 'no-connection' | 'no-answer' | 'no-token'
  readonly error: unknown
}
