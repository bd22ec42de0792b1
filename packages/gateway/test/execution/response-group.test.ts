import type { ExecutionResult } from 'graphql'
import { Subject } from 'rxjs'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Recipient } from '../../src/execution/recipient.ts'
import { ResponseGroup } from '../../src/execution/response-group.ts'
import type { ResponseStream } from '../../src/execution/response-stream.ts'
import { SharedResult } from '../../src/execution/shared-result.ts'
import { SourceStream } from '../../src/subscriptions/source-stream.ts'

interface Event {
  readonly topic: string
  readonly n: number
  /** Whether those who are there are not told. */
  readonly isQuiet?: boolean
}

type Respond = (event: Event) => SharedResult | Promise<SharedResult>

let source: Subject<Event>
let executed: Event[]
let closed: number
let group: ResponseGroup

function open(respond: Respond): void {
  source = new Subject()
  executed = []
  closed = 0
  group = new ResponseGroup({
    source: new SourceStream<Event>({
      events: source,
      refs: [],
      topicOf: ({ topic }) => topic,
      isNews: ({ isQuiet }) => !isQuiet,
    }) as SourceStream,
    respond: (event) => {
      executed.push(event as Event)
      return respond(event as Event)
    },
    fail: (error) => ({ errors: [error as never] }),
    onClosed: () => (closed += 1),
  })
}

const resultOf = ({ topic, n }: Event): SharedResult => new SharedResult({ data: { [topic]: n } })

interface Member {
  readonly stream: ResponseStream
  /** What came, and `sent` where all of it had to be on its way. */
  readonly received: unknown[]
  /** The last one: the end, with or without a result. */
  readonly end: Promise<IteratorResult<ExecutionResult, undefined>>
}

function join(): Member {
  const received: unknown[] = []
  const recipient: Recipient = {
    receive: ({ data }) => void received.push(data),
    whenSent(act) {
      received.push('sent')
      act()
    },
    discard: () => void received.push('discarded'),
  }
  const stream = group.join(recipient)
  return { stream, received, end: stream.next() }
}

describe('where resolvers answer at once', () => {
  beforeEach(() => open(resultOf))

  test('an event is executed once, and all get the same result', () => {
    const members = [join(), join(), join()]
    source.next({ topic: 'a', n: 1 })
    source.next({ topic: 'a', n: 2 })
    expect(executed).toHaveLength(2)
    for (const { received } of members) expect(received).toEqual([{ a: 1 }, { a: 2 }])
  })

  test('who comes later begins with the newest of each topic, for which nothing is executed', () => {
    join()
    for (const n of [1, 2]) for (const topic of ['a', 'b']) source.next({ topic, n })
    expect(executed).toHaveLength(4)
    for (let i = 0; i < 100; i++) expect(join().received).toEqual([{ a: 2 }, { b: 2 }])
    expect(executed).toHaveLength(4)
  })

  test('what is no news is told to nobody, but is what others begin with', () => {
    const { received } = join()
    source.next({ topic: 'a', n: 1 })
    source.next({ topic: 'a', n: 2, isQuiet: true })
    expect(received).toEqual([{ a: 1 }])
    expect(executed).toHaveLength(1)
    expect(join().received).toEqual([{ a: 2 }])
    expect(executed).toHaveLength(2)
  })

  test('it has ended when the last one has left, and no earlier', async () => {
    const [first, second] = [join(), join()]
    await first.stream.return()
    expect([source.observed, closed]).toEqual([true, 0])
    source.next({ topic: 'a', n: 1 })
    expect(first.received).toEqual(['discarded'])
    expect(second.received).toEqual([{ a: 1 }])
    await first.stream.return()
    expect(source.observed).toBe(true)
    await second.stream.return()
    expect([source.observed, closed]).toEqual([false, 1])
    expect(await first.end).toEqual({ done: true, value: undefined })
  })

  test('all are told that the source is complete, when they have been sent the rest', async () => {
    const [first, second] = [join(), join()]
    source.next({ topic: 'a', n: 1 })
    source.complete()
    for (const { received, end } of [first, second]) {
      expect(await end).toEqual({ done: true, value: undefined })
      expect(received).toEqual([{ a: 1 }, 'sent'])
    }
    for (const { stream } of [first, second]) await stream.return()
    expect(closed).toBe(1)
  })

  test('all are told why the source has failed', async () => {
    const [first, second] = [join(), join()]
    const error = new Error('It is gone')
    source.error(error)
    for (const { stream, end } of [first, second]) {
      expect(await end).toEqual({ done: false, value: { errors: [error] } })
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    }
    expect(closed).toBe(1)
  })
})

describe('where resolvers take their time', () => {
  let pending: PromiseWithResolvers<SharedResult>[]

  beforeEach(() => {
    pending = []
    open(() => {
      const execution = Promise.withResolvers<SharedResult>()
      pending.push(execution)
      return execution.promise
    })
  })

  /** Lets the nth execution end. */
  async function answer(n: number): Promise<void> {
    const event = executed[n]
    if (!event) throw new Error(`Expected ${n + 1} executions, got ${executed.length}`)
    pending[n]?.resolve(resultOf(event))
    await new Promise(setImmediate)
  }

  test('results come in the order of their events, whichever is ready first', async () => {
    const { received } = join()
    source.next({ topic: 'a', n: 1 })
    source.next({ topic: 'b', n: 1 })
    expect(executed).toHaveLength(1)
    await answer(0)
    await answer(1)
    expect(received).toEqual([{ a: 1 }, { b: 1 }])
  })

  test('of what comes meanwhile only the newest is executed', async () => {
    const { received } = join()
    for (let n = 1; n <= 10; n++) source.next({ topic: 'a', n })
    await answer(0)
    await answer(1)
    expect(executed.map(({ n }) => n)).toEqual([1, 10])
    expect(received).toEqual([{ a: 1 }, { a: 10 }])
  })

  test('who comes meanwhile shares the execution, and gets every result once', async () => {
    const first = join()
    source.next({ topic: 'a', n: 1 })
    const second = join()
    await answer(0)
    expect(executed).toHaveLength(1)
    source.next({ topic: 'a', n: 2 })
    await answer(1)
    for (const { received } of [first, second]) expect(received).toEqual([{ a: 1 }, { a: 2 }])
  })

  test('who leaves meanwhile gets nothing more, and the others do', async () => {
    const [leaving, staying] = [join(), join()]
    source.next({ topic: 'a', n: 1 })
    const late = join()
    await leaving.stream.return()
    await late.stream.return()
    await answer(0)
    expect(leaving.received).toEqual(['discarded'])
    expect(late.received).toEqual(['discarded'])
    expect(staying.received).toEqual([{ a: 1 }])
    expect(closed).toBe(0)
  })

  test('the end comes after the last result, also for who has come meanwhile', async () => {
    const first = join()
    source.next({ topic: 'a', n: 1 })
    const second = join()
    source.complete()
    expect(closed).toBe(1)
    let ended = 0
    for (const { end } of [first, second]) void end.then(() => (ended += 1))
    await new Promise(setImmediate)
    expect(ended).toBe(0)
    await answer(0)
    expect(ended).toBe(2)
    for (const { received } of [first, second]) expect(received).toEqual([{ a: 1 }, 'sent'])
  })
})
