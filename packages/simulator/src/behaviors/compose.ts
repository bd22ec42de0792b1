import type { Behavior } from '../exchange.ts'

/** Several behaviors as one: the first sees the request first and the answer last. */
export function compose(...behaviors: readonly Behavior[]): Behavior {
  return (exchange, next) => {
    const run = (index: number): ReturnType<Behavior> => {
      const behavior = behaviors[index]
      return behavior ? behavior(exchange, async () => run(index + 1)) : next()
    }
    return run(0)
  }
}
