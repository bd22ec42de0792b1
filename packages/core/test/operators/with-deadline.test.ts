import { NEVER, of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { MAX_TIMER_DELAY_MS } from '../../src/clock.ts'
import { DeadlineExceededError } from '../../src/operators/deadline-exceeded-error.ts'
import { withDeadline } from '../../src/operators/with-deadline.ts'
import type { OperationState } from '../../src/operation/operation-state.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { refOf, stateOf } from '../states.ts'
import { clockOf, marbles } from './marbles.ts'

const ref = refOf()
const states = {
  n: stateOf(ref, 'notStarted', 1),
  i: stateOf(ref, 'inProgress', 2),
  s: stateOf(ref, 'succeeded', 3),
}
const DAY_MS = 86_400_000

describe('a deadline', () => {
  it('ends the stream when it is over, with what was seen until then', () => {
    const scheduler = marbles()
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-n--i-i------s|', states)
      const error = new DeadlineExceededError({
        deadlineMs: 10,
        answered: { notStarted: 1, inProgress: 2 },
        lastState: states.i,
      })
      const limited = source.pipe(withDeadline({ deadlineMs: 10, clock: clockOf(scheduler) }))
      expectObservable(limited).toBe('-n--i-i---#', states, error)
      expectSubscriptions(source.subscriptions).toBe('^---------!')
    })
  })

  it('does nothing when the stream completes before', () => {
    const scheduler = marbles()
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-n--i-(s|)', states)
      expectObservable(source.pipe(withDeadline({ deadlineMs: 10, clock: clockOf(scheduler) }))).toBe(
        '-n--i-(s|)',
        states,
      )
      expectSubscriptions(source.subscriptions).toBe('^-----!')
    })
  })

  it('counts from subscribing, for each subscriber', () => {
    const scheduler = marbles()
    scheduler.run(({ hot, expectObservable }) => {
      const source = hot('-n--i----i', states)
      const limited = source.pipe(withDeadline({ deadlineMs: 5, clock: clockOf(scheduler) }))
      const error = (answered: Record<string, number>): DeadlineExceededError =>
        new DeadlineExceededError({ deadlineMs: 5, answered, lastState: states.i })
      expectObservable(limited, '^').toBe('-n--i#', states, error({ notStarted: 1, inProgress: 1 }))
      expectObservable(limited, '---^').toBe('----i---#', states, error({ inProgress: 1 }))
    })
  })

  it.each([
    ['completes', (source: Subject<OperationState>) => source.complete()],
    ['fails', (source: Subject<OperationState>) => source.error(new Error('refused'))],
  ])('leaves no timer when the stream %s', (_, end) => {
    const clock = createVirtualClock()
    const source = new Subject<OperationState>()
    source.pipe(withDeadline({ deadlineMs: 1_000, clock })).subscribe({ error: () => {} })
    expect(clock.pendingTimers).toBe(1)
    end(source)
    expect(clock.pendingTimers).toBe(0)
  })

  it('leaves no timer when the stream completes at once', () => {
    const clock = createVirtualClock()
    of(states.s)
      .pipe(withDeadline({ deadlineMs: 1_000, clock }))
      .subscribe()
    expect(clock.pendingTimers).toBe(0)
  })

  it('leaves no timer after unsubscribing', () => {
    const clock = createVirtualClock()
    const source = new Subject<OperationState>()
    const subscription = source.pipe(withDeadline({ deadlineMs: 1_000, clock })).subscribe()
    subscription.unsubscribe()
    expect(clock.pendingTimers).toBe(0)
    expect(source.observed).toBe(false)
  })

  it('may be longer than a timer', async () => {
    const clock = createVirtualClock()
    const deadlineMs = 2 * MAX_TIMER_DELAY_MS + 5
    const errors: unknown[] = []
    NEVER.pipe(withDeadline({ deadlineMs, clock })).subscribe({ error: (error) => errors.push(error) })
    await clock.advance(deadlineMs - 1)
    expect(errors).toEqual([])
    await clock.advance(1)
    expect(errors).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('may be infinite', async () => {
    const clock = createVirtualClock()
    const errors: unknown[] = []
    const subscription = NEVER.pipe(withDeadline({ deadlineMs: Infinity, clock })).subscribe({
      error: (error) => errors.push(error),
    })
    await clock.advance(100 * DAY_MS)
    expect(errors).toEqual([])
    subscription.unsubscribe()
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not move with the time of day', async () => {
    const clock = createVirtualClock()
    const errors: unknown[] = []
    NEVER.pipe(withDeadline({ deadlineMs: 1_000, clock })).subscribe({ error: (error) => errors.push(error) })
    clock.jump(DAY_MS)
    await clock.advance(999)
    expect(errors).toEqual([])
    clock.jump(-2 * DAY_MS)
    await clock.advance(1)
    expect(errors).toHaveLength(1)
  })

  it.each([0, -1, Number.NaN])('of %d is refused', (deadlineMs) => {
    expect(() => withDeadline({ deadlineMs })).toThrow(TypeError)
    expect(() => withDeadline({ deadlineMs })).toThrow('Expected `deadlineMs` to be a positive number')
  })
})

describe('the error of a deadline', () => {
  it('carries what a callback knows of the answers', async () => {
    const clock = createVirtualClock()
    const errors: unknown[] = []
    const answered = { throttled: 12, inProgress: 3 }
    const source = new Subject<OperationState>()
    source
      .pipe(withDeadline({ deadlineMs: 60_000, clock, answered: () => answered }))
      .subscribe({ error: (error) => errors.push(error) })
    source.next(states.i)
    await clock.advance(60_000)
    expect(errors).toEqual([expect.any(DeadlineExceededError)])
    expect(errors[0]).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      deadlineMs: 60_000,
      answered,
      lastState: states.i,
    })
    expect(errors[0]).toHaveProperty(
      'message',
      `Expected the operation at ${ref.location} to finish within 60000 ms, got inProgress ` +
        '(answered: 12 × throttled, 3 × inProgress). It goes on in Graph: watch it again, or allow it more time.',
    )
  })

  it('says that nothing was answered', () => {
    const { message } = new DeadlineExceededError({ deadlineMs: 5, answered: {}, lastState: undefined })
    expect(message).toContain(
      'Expected the operation to finish within 5 ms, got no state (answered: nothing)',
    )
  })

  it('counts a status whatever it is called', async () => {
    const clock = createVirtualClock()
    const errors: unknown[] = []
    const source = new Subject<OperationState>()
    source.pipe(withDeadline({ deadlineMs: 5, clock })).subscribe({ error: (error) => errors.push(error) })
    for (const status of ['__proto__', 'constructor', '__proto__']) source.next(stateOf(ref, status))
    await clock.advance(5)
    const { answered } = errors[0] as DeadlineExceededError
    expect(Object.entries(answered)).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
    ])
  })

  it('is what the subscriber gets when the callback throws', async () => {
    const clock = createVirtualClock()
    const thrown = new Error('no counts')
    const errors: unknown[] = []
    const answered = (): never => {
      throw thrown
    }
    NEVER.pipe(withDeadline({ deadlineMs: 5, clock, answered })).subscribe({
      error: (error) => errors.push(error),
    })
    await clock.advance(5)
    expect(errors).toEqual([thrown])
  })
})
