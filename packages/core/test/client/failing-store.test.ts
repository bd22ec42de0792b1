import { expect, test } from 'vitest'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { MemoryStore } from '../../src/polling/memory-store.ts'
import { createSimulatedClient } from './simulated-client.ts'

test('a store that fails after the 202 does not lose where the operation lives', async () => {
  const store = new MemoryStore(() => 0)
  store.open = () => Promise.reject(new Error('The database is down'))
  const { simulator, operations } = createSimulatedClient({}, { store })
  const team = simulator.tenant.addTeam()
  const ref = await operations.submit(archiveTeam(team.id))
  expect(simulator.tenant.operation(ref.location)).toBeDefined()
  await operations[Symbol.asyncDispose]()
})
