import type { Behavior } from '../exchange.ts'

/** Answers an item of a batch twice. What did not come in a batch is answered as ever. */
export function duplicateItem(): Behavior {
  return async (_exchange, next) => ({ ...(await next()), asItem: 'twice' })
}
