import { createOperationsClient, type OperationsClient } from '@teams-operations/core'
import { createVirtualClock } from '@teams-operations/core/testing'
import { createGraphStub } from '../graph-stub.ts'

/** Operations that are followed as ever, on a clock that goes on when a benchmark says so. */
export interface FollowedOperations {
  readonly client: OperationsClient
  /** How many checks were made. */
  readonly checks: number
  /** How many of them came together, on average. */
  readonly together: number
  /** Lets so much time pass that each operation is checked about once. */
  checkEach(): Promise<void>
  /** Lets time pass until all operations have ended. */
  finish(): Promise<void>
}

const INTERVAL_MS = 31_000

export function followOperations(): FollowedOperations {
  const clock = createVirtualClock()
  let status = 'inProgress'
  const { transport } = createGraphStub(clock, { statusOf: () => status })
  const client = createOperationsClient({ transport, clock, graphOrigin: 'https://graph.example' })
  return {
    client,
    get checks() {
      return client.stats().checks
    },
    get together() {
      return client.stats().batchFill
    },
    checkEach: () => clock.advance(INTERVAL_MS),
    async finish() {
      status = 'succeeded'
      await clock.advanceUntil(() => client.stats().followed === 0)
    },
  }
}
