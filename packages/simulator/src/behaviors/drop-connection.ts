import type { Behavior } from '../exchange.ts'

export interface DropConnectionOptions {
  /**
   * Where it breaks: before the `request` arrives, before the `answer` to what has been done, or half way
   * through the `body` of that. @default 'request'
   */
  readonly at?: 'request' | 'answer' | 'body' | undefined
}

/** Breaks the connection: `fetch` rejects with a `TypeError`, or the body does. An item of a batch is missing. */
export function dropConnection({ at = 'request' }: DropConnectionOptions = {}): Behavior {
  return async (_exchange, next) => {
    if (at === 'request') return { status: 0, headers: {}, body: undefined, delivery: 'dropped' }
    return { ...(await next()), delivery: at === 'answer' ? 'dropped' : 'cut' }
  }
}
