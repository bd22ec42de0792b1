import type { CancelTimer, Clock } from '@teams-operations/core'
import { Observable, type MonoTypeOperatorFunction } from 'rxjs'

/**
 * Passes a value on at once, and the next one no sooner than `restMs` after it: of those that come meanwhile,
 * the newest. That one is never lost, and comes before completion or error.
 */
export function atIntervals<T>(clock: Clock, restMs: (passed: T) => number): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      let waiting: { readonly value: T } | undefined
      let cancelRest: CancelTimer | undefined

      function pass(value: T): void {
        waiting = undefined
        // Before the value is passed on, which may bring another one.
        cancelRest = clock.timer(restMs(value), () => {
          cancelRest = undefined
          if (waiting) pass(waiting.value)
        })
        subscriber.next(value)
      }

      function flush(): void {
        cancelRest?.()
        if (waiting) subscriber.next(waiting.value)
      }

      subscriber.add(() => cancelRest?.())
      subscriber.add(
        source.subscribe({
          next: (value) => {
            if (cancelRest) waiting = { value }
            else pass(value)
          },
          error: (error: unknown) => {
            flush()
            subscriber.error(error)
          },
          complete: () => {
            flush()
            subscriber.complete()
          },
        }),
      )
    })
}
