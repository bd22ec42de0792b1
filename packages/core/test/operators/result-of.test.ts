import { firstValueFrom, NEVER, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { OperationFailedError } from '../../src/operators/operation-failed-error.ts'
import { OperationUnfinishedError } from '../../src/operators/operation-unfinished-error.ts'
import { resultOf } from '../../src/operators/result-of.ts'
import { refOf, stateOf } from '../states.ts'
import { marbles } from './marbles.ts'

const ref = refOf()
const states = {
  n: stateOf(ref, 'notStarted', 1),
  i: stateOf(ref, 'inProgress', 2),
  u: stateOf(ref, 'unknownFutureValue', 3),
  x: stateOf(ref, 'invalid', 4),
  s: stateOf(ref, 'succeeded', 5),
  f: stateOf(ref, 'failed', 6),
}

describe('the result of an operation', () => {
  it('is the operation that has succeeded, and nothing before', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('--n--i-u-x--s--s|', states)
      expectObservable(source.pipe(resultOf())).toBe('------------(r|)', { r: states.s.operation })
      expectSubscriptions(source.subscriptions).toBe('^-----------!')
    })
  })

  it('is an error when the operation has failed', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('--i--f', states)
      const error = new OperationFailedError(states.f)
      expectObservable(source.pipe(resultOf())).toBe('-----#', undefined, error)
      expectSubscriptions(source.subscriptions).toBe('^----!')
    })
  })

  it('is an error when the stream ends before the operation', () => {
    marbles().run(({ hot, expectObservable }) => {
      const error = new OperationUnfinishedError(states.i)
      expectObservable(hot('--i--|', states).pipe(resultOf())).toBe('-----#', undefined, error)
    })
  })

  it('is an error when the stream is empty', async () => {
    const error: unknown = await firstValueFrom(of().pipe(resultOf())).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(OperationUnfinishedError)
    expect(error).toMatchObject({ code: 'OPERATION_UNFINISHED', lastState: undefined })
    expect(error).toHaveProperty('message', expect.stringContaining('before any state'))
  })

  it('is an error of the stream when there is one', async () => {
    const error = new Error('refused')
    await expect(firstValueFrom(throwError(() => error).pipe(resultOf()))).rejects.toBe(error)
  })

  it('is anew for every subscriber', async () => {
    const source = of(states.i)
    const result = source.pipe(resultOf())
    await expect(firstValueFrom(result)).rejects.toMatchObject({ lastState: states.i })
    await expect(firstValueFrom(result)).rejects.toMatchObject({ lastState: states.i })
  })

  it('is no longer asked for after unsubscribing', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('--i--s', states)
      expectObservable(source.pipe(resultOf()), '^--!').toBe('----')
      expectSubscriptions(source.subscriptions).toBe('^--!')
    })
  })

  it('is pending while nothing comes', () => {
    marbles().run(({ expectObservable }) => expectObservable(NEVER.pipe(resultOf())).toBe('-'))
  })
})

describe('the error of an operation that has failed', () => {
  it('says what failed and why', () => {
    const reason = { code: 'TeamUnavailable', message: 'The team was not found.' }
    const state = { ...states.f, operation: { ...states.f.operation, error: reason } }
    const error = new OperationFailedError(state)
    expect(error).toMatchObject({
      name: 'OperationFailedError',
      code: 'OPERATION_FAILED',
      operation: state.operation,
      reason,
      lastState: state,
    })
    expect(error.message).toBe(
      `Expected archiveTeam at ${ref.location} to succeed, but it failed with "TeamUnavailable" and ` +
        '"The team was not found.". It will not change any more: remove the cause, then start a new operation.',
    )
  })

  it('says that the service gave no reason', () => {
    const error = new OperationFailedError(states.f)
    expect(error.reason).toEqual({ code: null, message: null })
    expect(error.message).toContain('failed with no code and no message')
  })
})
