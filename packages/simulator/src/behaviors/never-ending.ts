import type { Behavior } from '../exchange.ts'

export interface NeverEndingOptions {
  /** Where it stops: before the `answer`, or in the middle of its `body`. @default 'body' */
  readonly at?: 'answer' | 'body' | undefined
}

/** Lets an answer never end: only the client's own patience does. An item of a batch holds up its envelope. */
export function neverEnding({ at = 'body' }: NeverEndingOptions = {}): Behavior {
  return async (_exchange, next) => ({ ...(await next()), delivery: at === 'answer' ? 'silent' : 'stalled' })
}
