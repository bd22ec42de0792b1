import { concat, NEVER, Observable, of, Subject, throwError } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toAsyncIterable } from '../../src/streams/to-async-iterable.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const done = { done: true, value: undefined }
const value = (given: unknown): object => ({ done: false, value: given })

/** Lets all promises settle. */
const settle = (): Promise<void> => createVirtualClock().advance(0)

/** What has become of a promise, without waiting for it. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  const pending = Symbol('pending')
  await settle()
  const state = await Promise.race([promise, Promise.resolve(pending)])
  return state === pending ? 'pending' : state
}

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeEach(() => void process.on('unhandledRejection', note))
afterEach(async () => {
  await settle()
  process.off('unhandledRejection', note)
  expect(unhandled.splice(0)).toEqual([])
})

describe('subscribing', () => {
  it('is put off until somebody iterates', () => {
    const source = new Subject<number>()
    const iterable = toAsyncIterable(source)
    expect(source.observed).toBe(false)
    iterable[Symbol.asyncIterator]()
    expect(source.observed).toBe(true)
  })

  it('comes before the first `next()`, so that nothing in between is missed', async () => {
    const source = new Subject<number>()
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]()
    source.next(1)
    expect(await iterator.next()).toEqual(value(1))
  })

  it('comes with the first `next()` of who does not ask for an iterator', async () => {
    const source = new Subject<number>()
    const next = toAsyncIterable(source).next()
    source.next(1)
    expect(await next).toEqual(value(1))
  })

  it('happens once', () => {
    let subscriptions = 0
    const iterable = toAsyncIterable(new Observable<number>(() => void subscriptions++))
    const iterator = iterable[Symbol.asyncIterator]()
    void iterator.next()
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator)
    expect(subscriptions).toBe(1)
  })

  it('does not happen after `return()`', async () => {
    let subscriptions = 0
    const iterable = toAsyncIterable(new Observable<number>(() => void subscriptions++))
    await iterable.return()
    expect(await iterable[Symbol.asyncIterator]().next()).toEqual(done)
    expect(subscriptions).toBe(0)
  })
})

describe('iterating', () => {
  it('gives what comes, then ends', async () => {
    const source = new Subject<number>()
    const seen: number[] = []
    const iterating = (async () => {
      for await (const n of toAsyncIterable(source)) seen.push(n)
    })()
    for (const n of [1, 2, 3]) {
      await settle()
      source.next(n)
    }
    source.complete()
    await iterating
    expect(seen).toEqual([1, 2, 3])
  })

  it('gives the newest of what came while nobody asked', async () => {
    const source = new Subject<number>()
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]()
    for (const n of [1, 2, 3]) source.next(n)
    expect(await iterator.next()).toEqual(value(3))
    expect(await stateOf(iterator.next())).toBe('pending')
  })

  it('gives the last value before it ends', async () => {
    const iterator = toAsyncIterable(of(1, 2, 3))
    expect(await iterator.next()).toEqual(value(3))
    expect(await iterator.next()).toEqual(done)
    expect(await iterator.next()).toEqual(done)
  })

  it('gives the last value before the error, and the error once', async () => {
    const error = new Error('lost')
    const iterator = toAsyncIterable(
      concat(
        of(1, 2),
        throwError(() => error),
      ),
    )
    expect(await iterator.next()).toEqual(value(2))
    await expect(iterator.next()).rejects.toBe(error)
    expect(await iterator.next()).toEqual(done)
  })

  it('ends an empty stream at once', async () => {
    expect(await toAsyncIterable(of()).next()).toEqual(done)
  })

  it('tells `undefined` from nothing', async () => {
    const iterator = toAsyncIterable(of(undefined))
    expect(await iterator.next()).toEqual(value(undefined))
    expect(await iterator.next()).toEqual(done)
  })

  it('serves those who ask at the same time in turn', async () => {
    const source = new Subject<number>()
    const iterator = toAsyncIterable(source)
    const nexts = [iterator.next(), iterator.next(), iterator.next(), iterator.next()]
    source.next(1)
    source.next(2)
    source.complete()
    expect(await Promise.all(nexts)).toEqual([value(1), value(2), done, done])
  })

  it('gives an error to the first of those who wait and the end to the others', async () => {
    const error = new Error('lost')
    const source = new Subject<number>()
    const iterator = toAsyncIterable(source)
    const [first, second] = [iterator.next(), iterator.next()]
    source.error(error)
    await expect(first).rejects.toBe(error)
    expect(await second).toEqual(done)
  })
})

describe('leaving', () => {
  it('unsubscribes and resolves at once, even while a value is waited for', async () => {
    const source = new Subject<number>()
    const iterator = toAsyncIterable(source)
    const pending = iterator.next()
    expect(source.observed).toBe(true)
    const returned = iterator.return()
    expect(source.observed).toBe(false)
    expect(await stateOf(returned)).toEqual(done)
    expect(await stateOf(pending)).toEqual(done)
  })

  it('drops what waits', async () => {
    const iterator = toAsyncIterable(concat(of(1), NEVER))[Symbol.asyncIterator]()
    await iterator.return()
    expect(await iterator.next()).toEqual(done)
  })

  it('drops an error that waits', async () => {
    const iterator = toAsyncIterable(throwError(() => new Error('lost')))[Symbol.asyncIterator]()
    await iterator.return()
    expect(await iterator.next()).toEqual(done)
  })

  it('may happen twice', async () => {
    const iterator = toAsyncIterable(NEVER)
    expect(await Promise.all([iterator.return(), iterator.return()])).toEqual([done, done])
  })

  it('happens with `break`', async () => {
    const source = new Subject<number>()
    const iterating = (async () => {
      for await (const n of toAsyncIterable(source)) if (n === 2) break
    })()
    await settle()
    source.next(1)
    await settle()
    source.next(2)
    await iterating
    expect(source.observed).toBe(false)
  })

  it('happens with `await using`', async () => {
    const source = new Subject<number>()
    {
      await using iterator = toAsyncIterable(source)
      void iterator.next()
      expect(source.observed).toBe(true)
    }
    expect(source.observed).toBe(false)
  })

  it('works while the source still subscribes', async () => {
    let isTornDown = false
    const iterator = toAsyncIterable(
      new Observable<number>((subscriber) => {
        void iterator.return()
        subscriber.next(1)
        subscriber.error(new Error('lost'))
        return () => void (isTornDown = true)
      }),
    )
    expect(await iterator.next()).toEqual(done)
    expect(isTornDown).toBe(true)
  })
})

describe('an error that nobody looks at', () => {
  it('is no unhandled rejection', async () => {
    const source = new Subject<number>()
    const waiting = toAsyncIterable(source)
    void waiting.next()
    source.error(new Error('lost'))
    void toAsyncIterable(throwError(() => new Error('lost too'))).next()
    await settle()
    expect(unhandled).toEqual([])
  })
})

describe('conflating by key', () => {
  const keyOf = ([key]: readonly [string, number]): string => key

  it('keeps the newest of every key, in the order in which they began to wait', async () => {
    const source = new Subject<readonly [string, number]>()
    const iterator = toAsyncIterable(source, { keyOf })[Symbol.asyncIterator]()
    source.next(['a', 1])
    source.next(['b', 1])
    source.next(['a', 2])
    source.next(['c', 1])
    expect(await iterator.next()).toEqual(value(['a', 2]))
    source.next(['a', 3])
    source.complete()
    expect(await iterator.next()).toEqual(value(['b', 1]))
    expect(await iterator.next()).toEqual(value(['c', 1]))
    expect(await iterator.next()).toEqual(value(['a', 3]))
    expect(await iterator.next()).toEqual(done)
  })

  it('fails with the error of the key function, and unsubscribes', async () => {
    const error = new Error('no key')
    const source = new Subject<number>()
    const iterator = toAsyncIterable(source, {
      keyOf() {
        throw error
      },
    })
    const next = iterator.next()
    source.next(1)
    await expect(next).rejects.toBe(error)
    expect(source.observed).toBe(false)
  })
})
