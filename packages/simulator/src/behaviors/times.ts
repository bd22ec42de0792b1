import type { Behavior } from '../exchange.ts'

/** A behavior for the first `count` requests that reach it. Inside a `when`, only those that pass it count. */
export function times(count: number, behavior: Behavior): Behavior {
  let left = count
  return (exchange, next) => {
    if (left <= 0) return next()
    left -= 1
    return behavior(exchange, next)
  }
}
