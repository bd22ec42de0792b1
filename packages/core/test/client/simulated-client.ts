import { createSimulator, type Simulator, type SimulatorOptions } from '@teams-operations/simulator'
import { expect, onTestFinished } from 'vitest'
import { createOperationsClient, type OperationsClient } from '../../src/client.ts'
import type { OperationsClientOptions } from '../../src/client-options.ts'
import type { TokenCredential } from '../../src/graph/credential.ts'
import { fetchTransport } from '../../src/graph/fetch-transport.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

export interface SimulatedClient {
  readonly simulator: Simulator<VirtualClock>
  readonly clock: VirtualClock
  readonly operations: OperationsClient
}

/**
 * A client of a simulated Graph, on one virtual clock, with real credentials, headers and floors. When the test
 * has finished, the client must have broken no rule, and leaves no timer when it is disposed.
 */
export function createSimulatedClient(
  simulation: Omit<SimulatorOptions, 'time' | 'clock'> = {},
  options:
    | Partial<OperationsClientOptions>
    | ((simulator: Simulator<VirtualClock>) => Partial<OperationsClientOptions>) = {},
): SimulatedClient {
  const simulator = createSimulator(simulation)
  const { clock, origin } = simulator
  const operations = createOperationsClient({
    credential: steadyCredential(clock),
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: origin,
    clock,
    random: seededRandom(1),
    ...(typeof options === 'function' ? options(simulator) : options),
  })
  disposeAfterTest(operations, clock)
  onTestFinished(() => {
    const { journal } = simulator
    expect({ count: journal.violationCount(), first: journal.violations()[0] }).toEqual({ count: 0 })
  })
  return { simulator, clock, operations }
}

/** Whatever a test does, nothing is left of a client that was disposed. */
export function disposeAfterTest(operations: OperationsClient, clock: VirtualClock): void {
  onTestFinished(async () => {
    await operations[Symbol.asyncDispose]()
    await clock.advance(0)
    expect(clock.pendingTimers, 'No timer is left by a client that was disposed').toBe(0)
  })
}

/** Gives a new token every hour. */
export function steadyCredential(clock: VirtualClock): TokenCredential {
  return {
    getToken: async () => ({
      token: `token-${Math.floor(clock.now() / 3_600_000)}`,
      expiresOnTimestamp: clock.now() + 3_600_000,
    }),
  }
}

/** The same numbers in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
