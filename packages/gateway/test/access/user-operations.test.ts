import { createOperationsClient, fetchTransport, type OperationsClient } from '@teams-operations/core'
import { createSimulator } from '@teams-operations/simulator'
import { expect, test } from 'vitest'
import { createUserOperations } from '../../src/access/user-operations.ts'

test('who may not see an operation, and asks again and again, takes few turns of those who may', async () => {
  const simulator = createSimulator()
  const { clock, tenant } = simulator
  const { location } = tenant.addOperation({ script: { outcome: 'stuck' } })
  const users = createUserOperations({
    clock,
    credentialFor: (token) => ({
      getToken: async () => ({ token, expiresOnTimestamp: clock.now() + 3_600_000 }),
    }),
    createClient: ({ credential, quota }) =>
      createOperationsClient({
        credential,
        quota,
        clock,
        graphOrigin: simulator.origin,
        transport: fetchTransport({ fetch: graph }),
      }),
  })
  let refusals = 0

  /** Lets Ada see everything, and nobody else anything. */
  async function graph(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    if (new Headers(init?.headers).get('authorization') === 'Bearer ada') return simulator.fetch(input, init)
    refusals += 1
    return Response.json({ error: { code: 'Forbidden', message: 'No.' } }, { status: 403 })
  }

  function operationsOf(id: string): OperationsClient {
    return users.lease({ id, accessClass: id }, { authorization: `Bearer ${id}` }).operations
  }

  function ask(operations: OperationsClient): void {
    operations.watch(location).subscribe({
      error: () => clock.timer(1_000, () => (isOver ? undefined : ask(operations))),
    })
  }

  let isOver = false
  let checks = 0
  operationsOf('ada')
    .watch(location, { everyCheck: true })
    .subscribe(() => (checks += 1))
  for (const id of ['bob', 'eve', 'mae']) ask(operationsOf(id))
  await clock.advance(620_000)
  // Twenty, were she alone. Each of the others has had a turn in every five minutes.
  expect(refusals).toBeLessThanOrEqual(9)
  expect(checks).toBeGreaterThanOrEqual(11)

  isOver = true
  await users[Symbol.asyncDispose]()
  await clock.advance(1_000)
  expect(clock.pendingTimers).toBe(0)
})
