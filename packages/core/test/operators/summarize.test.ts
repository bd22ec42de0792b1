import {
  EMPTY,
  from,
  lastValueFrom,
  map,
  NEVER,
  of,
  Subject,
  take,
  throwError,
  toArray,
  type Observable,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { OperationState } from '../../src/operation/operation-state.ts'
import { summarize, type OperationsSummary } from '../../src/operators/summarize.ts'
import { refOf, stateOf } from '../states.ts'
import { marbles } from './marbles.ts'

const ref = refOf()
const states = {
  n: stateOf(ref, 'notStarted', 1),
  i: stateOf(ref, 'inProgress', 2),
  j: stateOf(ref, 'inProgress', 3),
  s: stateOf(ref, 'succeeded', 4),
  f: stateOf(ref, 'failed', 5),
}

/** A summary as a line, such as `3: 1 waiting, 1 inProgress, 1 succeeded | 1 settled`. */
function lineOf({ total, waiting, byStatus, settled, failedToFollow }: OperationsSummary): string {
  const counts = Object.entries({ waiting, ...byStatus, failedToFollow }).filter(([, count]) => count !== 0)
  return `${total}: ${counts.map(([name, count]) => `${count} ${name}`).join(', ')} | ${settled} settled`
}

function linesOf(streams: Observable<Observable<OperationState>>, concurrency?: number): Promise<string[]> {
  return lastValueFrom(streams.pipe(summarize({ concurrency }), map(lineOf), toArray()))
}

describe('a summary of operations', () => {
  it('counts every operation once, with every change', () => {
    marbles().run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const a = cold(' -n---i----(s|)', states)
      const b = cold('   --i----f|', states)
      const streams = hot('a-b|', { a, b })
      expectObservable(streams.pipe(summarize(), map(lineOf))).toBe('abc-de---f(g|)', {
        a: '1: 1 waiting | 0 settled',
        b: '1: 1 notStarted | 0 settled',
        c: '2: 1 waiting, 1 notStarted | 0 settled',
        d: '2: 1 notStarted, 1 inProgress | 0 settled',
        e: '2: 2 inProgress | 0 settled',
        f: '2: 1 inProgress, 1 failed | 1 settled',
        g: '2: 1 succeeded, 1 failed | 2 settled',
      })
      expectSubscriptions(a.subscriptions).toBe('^---------!')
      expectSubscriptions(b.subscriptions).toBe('--^-------!')
    })
  })

  it('does not repeat itself when an operation keeps its status', () => {
    marbles().run(({ cold, expectObservable }) => {
      const a = cold('-i-j-i-j|', states)
      expectObservable(of(a).pipe(summarize(), map(lineOf))).toBe('ab------|', {
        a: '1: 1 waiting | 0 settled',
        b: '1: 1 inProgress | 0 settled',
      })
    })
  })

  it('counts a stream that fails and goes on with the others', () => {
    marbles().run(({ cold, hot, expectObservable }) => {
      const a = cold('  -i-------#', states, new Error('lost'))
      const b = cold('    -n-------(s|)', states)
      const c = cold<OperationState>('#')
      const streams = hot('a-b-c|', { a, b, c })
      expectObservable(streams.pipe(summarize(), map(lineOf))).toBe('abcd(ef)-g-(h|)', {
        a: '1: 1 waiting | 0 settled',
        b: '1: 1 inProgress | 0 settled',
        c: '2: 1 waiting, 1 inProgress | 0 settled',
        d: '2: 1 notStarted, 1 inProgress | 0 settled',
        e: '3: 1 waiting, 1 notStarted, 1 inProgress | 0 settled',
        f: '3: 1 notStarted, 1 inProgress, 1 failedToFollow | 0 settled',
        g: '3: 1 notStarted, 2 failedToFollow | 0 settled',
        h: '3: 1 succeeded, 2 failedToFollow | 1 settled',
      })
    })
  })

  it('tells the newest error of a stream', async () => {
    const errors = [new Error('first'), new Error('second')]
    const streams = from(errors).pipe(map((error) => throwError(() => error)))
    const summary = await lastValueFrom(streams.pipe(summarize()))
    expect(summary).toMatchObject({
      total: 2,
      waiting: 0,
      settled: 0,
      failedToFollow: 2,
      lastError: errors[1],
    })
  })

  it('counts what ended before it was settled by its last status', async () => {
    expect((await linesOf(of(of(states.n, states.i), EMPTY))).at(-1)).toBe(
      '2: 1 waiting, 1 inProgress | 0 settled',
    )
  })

  it('subscribes to no more than `concurrency` at a time, and counts all that wait', async () => {
    const streams = [
      new Subject<OperationState>(),
      new Subject<OperationState>(),
      new Subject<OperationState>(),
    ]
    const lines: string[] = []
    from(streams)
      .pipe(summarize({ concurrency: 2 }))
      .subscribe((summary) => lines.push(lineOf(summary)))
    expect(streams.map(({ observed }) => observed)).toEqual([true, true, false])
    expect(lines.at(-1)).toBe('3: 3 waiting | 0 settled')

    streams[1]?.next(states.s)
    streams[1]?.complete()
    expect(streams.map(({ observed }) => observed)).toEqual([true, false, true])
    expect(lines.at(-1)).toBe('3: 2 waiting, 1 succeeded | 1 settled')
  })

  it('is of nothing when there are none', async () => {
    expect(await linesOf(EMPTY)).toEqual(['0:  | 0 settled'])
  })

  it('has a number for every known status', async () => {
    const { byStatus } = await lastValueFrom(of(of(states.s)).pipe(summarize()))
    expect(byStatus).toEqual({
      invalid: 0,
      notStarted: 0,
      inProgress: 0,
      succeeded: 1,
      failed: 0,
      unknownFutureValue: 0,
    })
  })

  it('counts a status whatever it is called', async () => {
    const summary = await lastValueFrom(
      of(of(stateOf(ref, '__proto__')), of(stateOf(ref, 'paused'))).pipe(summarize()),
    )
    expect(Object.entries(summary.byStatus).slice(-2)).toEqual([
      ['__proto__', 1],
      ['paused', 1],
    ])
    expect(Object.getPrototypeOf(summary.byStatus)).toBe(Object.prototype)
  })

  it('never changes one that was given', async () => {
    const summaries = await lastValueFrom(of(of(states.n, states.i, states.s)).pipe(summarize(), toArray()))
    expect(summaries.map(lineOf)).toEqual([
      '1: 1 waiting | 0 settled',
      '1: 1 notStarted | 0 settled',
      '1: 1 inProgress | 0 settled',
      '1: 1 succeeded | 1 settled',
    ])
  })

  it('fails when there is no telling which operations there are', async () => {
    const error = new Error('list refused')
    await expect(lastValueFrom(throwError(() => error).pipe(summarize()))).rejects.toBe(error)
  })

  it('lets go of every stream after unsubscribing', () => {
    const stream = new Subject<OperationState>()
    const subscription = from([stream, NEVER]).pipe(summarize()).subscribe()
    expect(stream.observed).toBe(true)
    subscription.unsubscribe()
    expect(stream.observed).toBe(false)
  })

  it('subscribes to nothing after the subscriber has left', () => {
    const second = new Subject<OperationState>()
    from([of(states.s), second])
      .pipe(summarize(), take(1))
      .subscribe()
    expect(second.observed).toBe(false)
  })

  it.each([0, -1, Number.NaN])('of %d at a time is refused', (concurrency) => {
    expect(() => summarize({ concurrency })).toThrow('Expected `concurrency` to be a number from 1')
  })
})
