import { createVirtualClock } from '@teams-operations/core/testing'
import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { openSource } from '../../src/execution/open-source.ts'
import { createSchema } from '../../src/schema/create-schema.ts'
import { gatewayContext } from '../gateway-context.ts'
import { locationOf, scriptedOperations } from '../scripted-operations.ts'

test('however many operations come and go, they are shown a few times a second, the newest always', async () => {
  const clock = createVirtualClock()
  const operations = scriptedOperations()
  const source = await openSource({
    schema: createSchema(),
    document: parse('subscription { followedOperations { id } }'),
    contextValue: gatewayContext({ operations: operations.client, clock }),
  })
  if (!('events' in source)) throw new Error('Expected a source of events')
  const seen: number[] = []
  const subscription = source.events.subscribe((states) => seen.push((states as unknown[]).length))
  for (let n = 1; n <= 200; n++) {
    operations.find(locationOf(n))
    await clock.advance(10)
  }
  expect(seen[0]).toBe(0)
  // Two seconds, with a longer rest the more there are.
  expect(seen.length).toBeLessThanOrEqual(8)
  await clock.advance(500)
  expect(seen.at(-1)).toBe(200)
  subscription.unsubscribe()
  expect(clock.pendingTimers).toBe(0)
})
