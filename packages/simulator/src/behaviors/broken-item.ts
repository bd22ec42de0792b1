import type { Behavior } from '../exchange.ts'

/**
 * Puts something else in the place of an item in the answer to its batch: by default one with nothing but
 * its `id`. What did not come in a batch is answered as ever.
 */
export function brokenItem(make: (id: string) => unknown = (id) => ({ id })): Behavior {
  return async ({ item }, next) => {
    const reply = await next()
    return item ? { ...reply, asItem: { insteadOf: make(item.id) } } : reply
  }
}
