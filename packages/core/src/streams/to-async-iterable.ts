/// <reference lib="esnext.disposable" preserve="true" />
import { map, Subscription, type Observable } from 'rxjs'

export interface ToAsyncIterableOptions<T> {
  /**
   * Keeps the newest value of every key instead of the newest of all, for a stream that merges several: no
   * last value of one is lost to another. Holds at most one value per key.
   *
   * @default one key for all
   */
  readonly keyOf?: ((value: T) => unknown) | undefined
}

/** Can be iterated once. */
export interface ConflatingIterator<T> extends AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>
  /** Unsubscribes and resolves at once, and with it every `next()` that is pending. */
  return(): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): this
}

/**
 * An observable as an async iterable, for `for await` and for GraphQL subscriptions.
 *
 * It conflates: what arrives while nobody asks replaces what waits, so memory is bounded however slow the
 * consumer. The newest value is never lost, and comes before completion or error. Keys come in the order in
 * which they began to wait.
 *
 * It subscribes with `[Symbol.asyncIterator]()`, or the first `next()`: the former is where a consumer
 * commits to iterating, before it is ready for a first value, so nothing is missed in between and nothing
 * leaks from an iterable that is never iterated.
 *
 * It is a plain object because an async generator that waits for a value does not see `return()` until the
 * value comes: on a quiet operation a consumer that has left would stay subscribed.
 *
 * @example
 * ```ts
 * for await (const { operation } of toAsyncIterable(operations.watch(ref))) {
 *   console.log(operation.status)
 * }
 * ```
 */
export function toAsyncIterable<T>(
  source: Observable<T>,
  { keyOf = () => undefined }: ToAsyncIterableOptions<T> = {},
): ConflatingIterator<T> {
  /** By key, in the order of arrival. Empty while somebody waits for a value. */
  const values = new Map<unknown, T>()
  const waiting: Consumer<T>[] = []
  const subscription = new Subscription()
  let isStarted = false
  let isEnded = false
  let failure: { readonly error: unknown } | undefined

  function start(): void {
    if (isStarted) return
    isStarted = true
    const keyed = source.pipe(map((value) => ({ key: keyOf(value), value })))
    // Added, not assigned: whoever calls `return()` while the source subscribes is heard as well.
    subscription.add(
      keyed.subscribe({
        next({ key, value }) {
          if (isEnded) return
          const consumer = waiting.shift()
          if (consumer) consumer.resolve({ done: false, value })
          else values.set(key, value)
        },
        error(error: unknown) {
          if (isEnded) return
          const consumer = waiting.shift()
          if (consumer) consumer.reject(error)
          else failure = { error }
          end()
        },
        complete: end,
      }),
    )
  }

  function end(): void {
    isEnded = true
    for (const { resolve } of waiting.splice(0)) resolve(done)
  }

  function serve(consumer: Consumer<T>): void {
    const [oldest] = values
    if (oldest !== undefined) {
      const [key, value] = oldest
      values.delete(key)
      consumer.resolve({ done: false, value })
    } else if (failure !== undefined) {
      consumer.reject(failure.error)
      failure = undefined
    } else if (isEnded) {
      consumer.resolve(done)
    } else {
      waiting.push(consumer)
    }
  }

  const iterator: ConflatingIterator<T> = {
    next() {
      start()
      const result = new Promise<IteratorResult<T, undefined>>((resolve, reject) =>
        serve({ resolve, reject }),
      )
      // A consumer may leave without looking at what it asked for: no reason to end the process.
      result.catch(() => {})
      return result
    },
    return() {
      isStarted = true
      values.clear()
      failure = undefined
      end()
      subscription.unsubscribe()
      return Promise.resolve(done)
    },
    [Symbol.asyncIterator]() {
      start()
      return iterator
    },
    async [Symbol.asyncDispose]() {
      await iterator.return()
    },
  }
  return iterator
}

interface Consumer<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (error: unknown) => void
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined }
