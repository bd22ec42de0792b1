import { AccessDeniedError, OperationLostError, type OperationsClient } from '@teams-operations/core'
import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { beforeEach, expect, test } from 'vitest'
import { createRefusals, type Refusals } from '../../src/access/refusals.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'

let clock: VirtualClock
let operations: ScriptedOperations
let refusals: Refusals
const denied = new AccessDeniedError('Graph says no.')

beforeEach(() => {
  clock = createVirtualClock()
  operations = scriptedOperations()
  refusals = createRefusals(clock)
})

function clientOf(name: string): OperationsClient {
  return refusals.guard(operations.client, name)
}

function watch(client: OperationsClient, n: number): { error: unknown; hasAsked: boolean } {
  const seen = { error: undefined as unknown, hasAsked: false }
  client.watch(locationOf(n)).subscribe({ error: (error: unknown) => (seen.error = error) })
  seen.hasAsked = operations.watchers(locationOf(n)) > 0
  return seen
}

test('what was refused is refused at once for five minutes, and asked for again then', async () => {
  const client = clientOf('ada')
  const first = watch(client, 1)
  expect(first).toEqual({ error: undefined, hasAsked: true })
  operations.fail(locationOf(1), denied)
  expect(first.error).toBe(denied)
  expect(watch(client, 1)).toEqual({ error: denied, hasAsked: false })
  await expect(client.get(locationOf(1))).rejects.toBe(denied)
  // However often: that does not make it last longer.
  await clock.advance(299_999)
  expect(watch(client, 1).error).toBe(denied)
  await clock.advance(1)
  expect(watch(client, 1)).toEqual({ error: undefined, hasAsked: true })
})

test('a query that was refused counts as well', async () => {
  operations.refuse = denied
  const client = clientOf('ada')
  await expect(client.get(locationOf(1))).rejects.toBe(denied)
  operations.refuse = undefined
  operations.find(locationOf(1))
  expect(watch(client, 1)).toEqual({ error: denied, hasAsked: false })
})

test('it is refused to nobody else, and nothing else is', async () => {
  watch(clientOf('ada'), 1)
  operations.fail(locationOf(1), denied)
  expect(watch(clientOf('bob'), 1).hasAsked).toBe(true)
  expect(watch(clientOf('ada'), 2).hasAsked).toBe(true)
  operations.fail(locationOf(2), new OperationLostError('gone'))
  expect(watch(clientOf('ada'), 2).hasAsked).toBe(true)
  expect(refusals.size).toBe(1)
})

test('a client that comes later knows of it, and what is long ago is forgotten', async () => {
  for (const n of [1, 2, 3]) {
    watch(clientOf('ada'), n)
    operations.fail(locationOf(n), denied)
  }
  expect(watch(clientOf('ada'), 3)).toEqual({ error: denied, hasAsked: false })
  await clock.advance(300_000)
  watch(clientOf('ada'), 4)
  operations.fail(locationOf(4), denied)
  expect(refusals.size).toBe(1)
})

test('what is no location is an error of the stream', () => {
  let error: unknown
  clientOf('ada')
    .watch('nonsense')
    .subscribe({ error: (reason: unknown) => (error = reason) })
  expect(error).toMatchObject({ code: 'INVALID_LOCATION' })
})
