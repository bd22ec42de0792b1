import type { OperationsClient } from '@teams-operations/core'
import { Observable } from 'rxjs'
import { TooManySubscriptionsError } from '../errors/too-many-subscriptions-error.ts'

/** How many operations are watched, and may be, with all clients that share it. */
export interface FollowLimit {
  readonly max: number
  followed: number
}

/**
 * The client, with which no more than so many operations are watched at a time, however many watch each.
 * One more fails with `TooManySubscriptionsError`; those that are watched already go on, and anybody may
 * join them.
 */
export function followAtMost(operations: OperationsClient, limit: FollowLimit): OperationsClient {
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
        if (!watchers.has(location) && limit.followed >= limit.max) {
          subscriber.error(
            new TooManySubscriptionsError(
              `Expected at most ${limit.max} operations to be followed at a time, got one more. Try again later.`,
            ),
          )
          return
        }
        if (!watchers.has(location)) limit.followed += 1
        watchers.set(location, (watchers.get(location) ?? 0) + 1)
        subscriber.add(() => {
          const left = (watchers.get(location) ?? 0) - 1
          if (left > 0) return void watchers.set(location, left)
          watchers.delete(location)
          limit.followed -= 1
        })
        subscriber.add(operations.watch(ref, options).subscribe(subscriber))
      }),
  }
}
