import type { Behavior, Exchange } from '../exchange.ts'
import { tooManyRequests } from '../routes/graph-error.ts'

export interface ThrottleOptions {
  /**
   * The header as it is written: `'10'`, `'2.128'`, an HTTP date, or rubbish. A function is asked every
   * time; `null` leaves the header out.
   *
   * @default '10'
   */
  readonly retryAfter?: string | null | ((exchange: Exchange) => string) | undefined
  /** Lets the request take effect first: a start that is answered 429 has happened all the same. @default false */
  readonly takesEffect?: boolean | undefined
}

/** Answers 429, as Graph does. */
export function throttle({ retryAfter = '10', takesEffect = false }: ThrottleOptions = {}): Behavior {
  return async (exchange, next) => {
    if (takesEffect) await next()
    const header = typeof retryAfter === 'function' ? retryAfter(exchange) : retryAfter
    return tooManyRequests(exchange, header === null ? {} : { 'retry-after': header })
  }
}
