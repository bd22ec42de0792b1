import type { OperationRef, OperationsClient, RefInput } from '@teams-operations/core'
import { Observable } from 'rxjs'
import { TooManySubscriptionsError } from '../errors/too-many-subscriptions-error.ts'
import { delegateTo } from './delegate-to.ts'

/** How many operations are followed, and may be, with all clients that share it. */
export interface FollowLimit {
  readonly max: number
  followed: number
}

/**
 * The client, with which no more than so many operations are followed at a time, however many follow each and
 * for whatever: who waits for the newest state of one follows it as well. One more fails with
 * `TooManySubscriptionsError`; those that are followed already go on, and anybody may join them.
 */
export function followAtMost(operations: OperationsClient, limit: FollowLimit): OperationsClient {
  /** How many follow each, by its location. */
  const followers = new Map<string, number>()

  /**
   * Counts who follows an operation, until what is returned is called, once.
   *
   * @throws TooManySubscriptionsError
   */
  function follow({ location }: OperationRef): () => void {
    const before = followers.get(location) ?? 0
    if (before === 0) {
      if (limit.followed >= limit.max) throw tooMany(limit)
      limit.followed += 1
    }
    followers.set(location, before + 1)
    return () => {
      const left = (followers.get(location) ?? 0) - 1
      if (left > 0) return void followers.set(location, left)
      followers.delete(location)
      limit.followed -= 1
    }
  }

  function counted<T>(input: RefInput, open: (ref: OperationRef) => Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const ref = operations.ref(input)
      subscriber.add(follow(ref))
      subscriber.add(open(ref).subscribe(subscriber))
    })
  }

  return delegateTo(operations, {
    watch: (input, options) => counted(input, (ref) => operations.watch(ref, options)),
    events: (input) => counted(input, (ref) => operations.events(ref)),
    async get(input, options) {
      const ref = operations.ref(input)
      const leave = follow(ref)
      try {
        return await operations.get(ref, options)
      } finally {
        leave()
      }
    },
  })
}

function tooMany({ max }: FollowLimit): TooManySubscriptionsError {
  return new TooManySubscriptionsError(
    `Expected at most ${max} operations to be followed at a time, got one more. Try again later.`,
  )
}
