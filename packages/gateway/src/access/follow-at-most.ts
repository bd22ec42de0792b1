import type { OperationsClient } from '@teams-operations/core'
import { Observable } from 'rxjs'
import { TooManySubscriptionsError } from '../errors/too-many-subscriptions-error.ts'

/**
 * The client, with which no more than so many operations are watched at a time, however many watch each.
 * One more fails with `TooManySubscriptionsError`; those that are watched already go on, and anybody may
 * join them.
 */
export function followAtMost(operations: OperationsClient, max: number): OperationsClient {
  /** How many watch each, by its location. */
  const watchers = new Map<string, number>()

  return {
    ref: (input) => operations.ref(input),
    submit: (request, options) => operations.submit(request, options),
    events: (input) => operations.events(input),
    get: (input, options) => operations.get(input, options),
    list: (owner, options) => operations.list(owner, options),
    readTarget: (location, options) => operations.readTarget(location, options),
    followed: () => operations.followed(),
    stats: () => operations.stats(),
    [Symbol.asyncDispose]: () => operations[Symbol.asyncDispose](),

    watch: (input, options) =>
      new Observable((subscriber) => {
        const ref = operations.ref(input)
        const { location } = ref
        if (!watchers.has(location) && watchers.size >= max) {
          subscriber.error(
            new TooManySubscriptionsError(
              `Expected at most ${max} operations to be followed at a time, got one more. Try again later.`,
            ),
          )
          return
        }
        watchers.set(location, (watchers.get(location) ?? 0) + 1)
        subscriber.add(() => {
          const left = (watchers.get(location) ?? 0) - 1
          if (left > 0) watchers.set(location, left)
          else watchers.delete(location)
        })
        subscriber.add(operations.watch(ref, options).subscribe(subscriber))
      }),
  }
}
