import type { Behavior } from '../exchange.ts'

/** Leaves an item out of the answer to its batch. What did not come in a batch is answered as ever. */
export function missingItem(): Behavior {
  return async (_exchange, next) => ({ ...(await next()), asItem: 'missing' })
}
