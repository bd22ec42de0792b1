import type { OperationState } from '@teams-operations/core'
import { beforeEach, expect, test } from 'vitest'
import { followAtMost } from '../../src/access/follow-at-most.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'

let operations: ScriptedOperations

beforeEach(() => {
  operations = scriptedOperations()
})

interface Seen {
  states: number
  error: unknown
  isComplete: boolean
  unsubscribe: () => void
}

function watching(max: number): (n: number) => Seen {
  const client = followAtMost(operations.client, { max, followed: 0 })
  return (n) => {
    const seen: Seen = { states: 0, error: undefined, isComplete: false, unsubscribe: () => {} }
    const subscription = client.watch(locationOf(n)).subscribe({
      next: () => (seen.states += 1),
      error: (error: unknown) => (seen.error = error),
      complete: () => (seen.isComplete = true),
    })
    return Object.assign(seen, { unsubscribe: () => subscription.unsubscribe() })
  }
}

test('one operation too many is refused, and those that are followed can be joined', () => {
  const watch = watching(2)
  operations.find(locationOf(1))
  const seen = [watch(1), watch(2), watch(1)]
  expect(seen.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
  expect(watch(3).error).toMatchObject({ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } })
  expect(operations.watchers(locationOf(3))).toBe(0)
  expect(seen.map(({ states }) => states)).toEqual([1, 0, 1])
})

test('there is room again when the last one has left an operation', () => {
  const watch = watching(1)
  const seen = [watch(1), watch(1)]
  seen[0]?.unsubscribe()
  expect(watch(2).error).toBeDefined()
  seen[1]?.unsubscribe()
  seen[1]?.unsubscribe()
  expect(operations.watchers(locationOf(1))).toBe(0)
  expect(watch(2).error).toBeUndefined()
})

test('there is room again when an operation has ended or can not be followed', () => {
  const watch = watching(1)
  const ended = watch(1)
  operations.find(locationOf(1), { status: 'succeeded' })
  expect(ended.isComplete).toBe(true)
  const failed = watch(2)
  operations.fail(locationOf(2), new Error('gone'))
  expect(failed.error).toEqual(new Error('gone'))
  expect(watch(3).error).toBeUndefined()
})

test('two spellings of an operation are one', () => {
  const client = followAtMost(operations.client, { max: 1, followed: 0 })
  client.watch(locationOf(1)).subscribe()
  let error: unknown
  client.watch(`https://graph.microsoft.com/v1.0${locationOf(1)}`).subscribe({
    error: (reason: unknown) => (error = reason),
  })
  expect(error).toBeUndefined()
  expect(operations.watchers(locationOf(1))).toBe(2)
})

test('a location that is none takes no room', () => {
  const client = followAtMost(operations.client, { max: 1, followed: 0 })
  let error: unknown
  client.watch('nonsense').subscribe({ error: (reason: unknown) => (error = reason) })
  expect(error).toMatchObject({ code: 'INVALID_LOCATION' })
  client.watch(locationOf(1)).subscribe({ error: (reason: unknown) => expect(reason).toBeUndefined() })
  expect(operations.watchers(locationOf(1))).toBe(1)
})

test('who waits for the newest state of an operation follows it as well, until it has come', async () => {
  const states = Promise.withResolvers<OperationState>()
  const limit = { max: 2, followed: 0 }
  const client = followAtMost({ ...operations.client, get: () => states.promise }, limit)
  const first = client.get(locationOf(1))
  const again = client.get(locationOf(1))
  const second = client.get(locationOf(2))
  expect(limit.followed).toBe(2)
  await expect(client.get(locationOf(3))).rejects.toMatchObject({
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
  })
  let error: unknown
  client.watch(locationOf(3)).subscribe({ error: (reason: unknown) => (error = reason) })
  expect(error).toBeDefined()
  states.reject(new Error('no state'))
  for (const waiting of [first, again, second]) await expect(waiting).rejects.toThrow('no state')
  expect(limit.followed).toBe(0)
})
