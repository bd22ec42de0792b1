import type { Observable, Subscription } from 'rxjs'

/** What a subscriber was told so far. */
export interface Recorded<T> {
  readonly values: readonly T[]
  /** What the stream errored with. */
  readonly error: unknown
  readonly completed: boolean
  readonly subscription: Subscription
}

/** Subscribes, and writes down what comes. */
export function record<T>(source: Observable<T>): Recorded<T> {
  const values: T[] = []
  let error: unknown
  let completed = false
  const subscription = source.subscribe({
    next: (value) => void values.push(value),
    error: (reason: unknown) => (error = reason),
    complete: () => (completed = true),
  })
  return {
    values,
    subscription,
    get error() {
      return error
    },
    get completed() {
      return completed
    },
  }
}
