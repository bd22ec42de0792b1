import {
  createOperationsClient,
  fetchTransport,
  fixedToken,
  type OperationsClient,
} from '@teams-operations/core'
import type { VirtualClock } from '@teams-operations/core/testing'
import { createSimulator, type Simulator } from '@teams-operations/simulator'
import { expect } from 'vitest'
import type { GatewayOptions } from '../src/gateway.ts'
import { serveGateway, type ServedGateway } from './serve-gateway.ts'

export interface SimulatedGateway {
  readonly simulator: Simulator<VirtualClock>
  readonly operations: OperationsClient
  readonly served: ServedGateway
  /** Lets virtual time pass, with pauses in which the sockets deliver. */
  pass(ms: number): Promise<void>
  /** Lets virtual time pass until this has come about: lists and starts are within the budget, which time refills. */
  settle<T>(promise: Promise<T>): Promise<T>
  /** Stops all of it. The rules of Graph were kept, and no timer is left. */
  end(): Promise<void>
}

/** The gateway over real sockets, in front of the core and a simulated Graph on virtual time. */
export async function serveSimulated(
  options: Omit<GatewayOptions, 'operations'> = {},
): Promise<SimulatedGateway> {
  const simulator = createSimulator()
  const operations = createOperationsClient({
    credential: fixedToken('token'),
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: simulator.origin,
    clock: simulator.clock,
  })
  const served = await serveGateway({ operations, ...options })

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await simulator.clock.advance(1_000)
      await new Promise(setImmediate)
    }
  }

  return {
    simulator,
    operations,
    served,
    pass,
    async settle(promise) {
      const progress = { isSettled: false }
      const marked = promise.finally(() => (progress.isSettled = true))
      while (!progress.isSettled) await pass(1_000)
      return marked
    },
    async end() {
      await served[Symbol.asyncDispose]()
      await operations[Symbol.asyncDispose]()
      await simulator.close()
      expect(simulator.journal.violations()).toEqual([])
      expect(simulator.clock.pendingTimers).toBe(0)
    },
  }
}
