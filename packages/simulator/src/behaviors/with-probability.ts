import type { Behavior } from '../exchange.ts'

/**
 * A behavior for a random share of the requests, the same ones whenever the seed and the requests are.
 *
 * @throws {RangeError} when the probability is not from 0 to 1
 */
export function withProbability(probability: number, behavior: Behavior): Behavior {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`Expected a probability from 0 to 1, got ${probability}`)
  }
  return (exchange, next) => (exchange.random.next() < probability ? behavior(exchange, next) : next())
}
