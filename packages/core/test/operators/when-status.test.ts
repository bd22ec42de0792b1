import { describe, it } from 'vitest'
import { whenStatus } from '../../src/operators/when-status.ts'
import { refOf, stateOf } from '../states.ts'
import { marbles } from './marbles.ts'

const ref = refOf()
const states = {
  n: stateOf(ref, 'notStarted', 1),
  i: stateOf(ref, 'inProgress', 2),
  j: stateOf(ref, 'inProgress', 3),
  p: stateOf(ref, 'paused', 4),
  s: stateOf(ref, 'succeeded', 5),
}

describe('waiting for a status', () => {
  it('gives the first state that has it and lets go of the source', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-n--i--j--s|', states)
      expectObservable(source.pipe(whenStatus('inProgress'))).toBe('----(i|)', states)
      expectSubscriptions(source.subscriptions).toBe('^---!')
    })
  })

  it('gives the first state that has one of several', () => {
    marbles().run(({ hot, expectObservable }) => {
      expectObservable(hot('-n---s|', states).pipe(whenStatus('inProgress', 'succeeded'))).toBe(
        '-----(s|)',
        states,
      )
    })
  })

  it('knows statuses that are newer than this package', () => {
    marbles().run(({ hot, expectObservable }) => {
      expectObservable(hot('-n-p-s|', states).pipe(whenStatus('paused'))).toBe('---(p|)', states)
    })
  })

  it('completes with the source when it never comes', () => {
    marbles().run(({ hot, expectObservable }) => {
      expectObservable(hot('-n-i-s|', states).pipe(whenStatus('failed'))).toBe('------|')
    })
  })

  it('fails with the source', () => {
    marbles().run(({ hot, expectObservable }) => {
      expectObservable(hot('-n-#', states).pipe(whenStatus('failed'))).toBe('---#')
    })
  })
})
