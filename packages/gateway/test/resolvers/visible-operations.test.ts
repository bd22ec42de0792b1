import type { OperationState } from '@teams-operations/core'
import { Subject } from 'rxjs'
import { beforeEach, expect, test, vi } from 'vitest'
import { unlimitedAccess, type Access } from '../../src/resolvers/operation-access.ts'
import { visibleOperations, watchVisible } from '../../src/resolvers/visible-operations.ts'

type States = readonly OperationState[]

let decisions: { readonly location: string; readonly decide: PromiseWithResolvers<boolean> }[]
let changes: Subject<void>
let access: Access

beforeEach(() => {
  decisions = []
  changes = new Subject()
  access = {
    ...unlimitedAccess,
    isLimited: true,
    changes,
    allows({ location }) {
      const decide = Promise.withResolvers<boolean>()
      decisions.push({ location, decide })
      return decide.promise
    },
  }
})

function stateOf(location: string): OperationState {
  return { ref: { location } } as OperationState
}

const statesOf = (...locations: string[]): States => locations.map(stateOf)
const namesOf = (states: States): string => states.map(({ ref }) => ref.location).join()

test('nothing is asked where everything may be seen', async () => {
  const states = statesOf('a', 'b')
  expect(await visibleOperations(states, unlimitedAccess)).toBe(states)
  const followed = new Subject<States>()
  expect(watchVisible(followed, unlimitedAccess)).toBe(followed)
})

test('while a decision takes its time, of what comes the newest waits, and the order stays', async () => {
  const followed = new Subject<States>()
  const seen: string[] = []
  let isComplete = false
  watchVisible(followed, access).subscribe({
    next: (states) => seen.push(namesOf(states)),
    complete: () => (isComplete = true),
  })
  followed.next(statesOf('a'))
  followed.next(statesOf('a', 'b'))
  followed.next(statesOf('a', 'b', 'c'))
  expect(decisions.map(({ location }) => location)).toEqual(['a'])
  decisions[0]?.decide.resolve(true)
  await vi.waitFor(() => expect(decisions).toHaveLength(3))
  expect(seen).toEqual(['a'])
  followed.complete()
  changes.complete()
  expect(isComplete).toBe(false)
  decisions[1]?.decide.resolve(false)
  decisions[2]?.decide.resolve(true)
  await vi.waitFor(() => expect(isComplete).toBe(true))
  expect(seen).toEqual(['a', 'a,c'])
})

test('an operation that comes back after it was gone is asked about anew', async () => {
  const followed = new Subject<States>()
  const seen: string[] = []
  watchVisible(followed, access).subscribe((states) => seen.push(namesOf(states)))
  for (const [count, states] of [
    [1, statesOf('a')],
    [1, statesOf('a')],
    [1, statesOf()],
    [2, statesOf('a')],
  ] as const) {
    const { length } = seen
    followed.next(states)
    for (const { decide } of decisions) decide.resolve(true)
    await vi.waitFor(() => expect(seen).toHaveLength(length + 1))
    expect(decisions).toHaveLength(count)
  }
  expect(seen).toEqual(['a', 'a', '', 'a'])
})

test('a decision that fails ends it, and shows nothing', async () => {
  const followed = new Subject<States>()
  const seen: unknown[] = []
  watchVisible(followed, access).subscribe({
    next: (states) => seen.push(states),
    error: (error: unknown) => seen.push(error),
  })
  const failure = new Error('Who knows')
  followed.next(statesOf('a', 'b'))
  decisions[0]?.decide.resolve(true)
  decisions[1]?.decide.reject(failure)
  await vi.waitFor(() => expect(seen).toEqual([failure]))
  expect(followed.observed).toBe(false)
})
