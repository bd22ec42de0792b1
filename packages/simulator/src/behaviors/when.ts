import type { Behavior, Exchange } from '../exchange.ts'

export type ExchangePredicate = (exchange: Exchange) => boolean

/** A behavior for some requests only: `when(isCheck, throttle())`. */
export function when(predicate: ExchangePredicate, behavior: Behavior): Behavior {
  return (exchange, next) => (predicate(exchange) ? behavior(exchange, next) : next())
}
