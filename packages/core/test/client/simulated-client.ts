import { createSimulator, type Simulator, type SimulatorOptions } from '@teams-operations/simulator'
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

/** A client of a simulated Graph, on one virtual clock, with real credentials, headers and floors. */
export function createSimulatedClient(
  simulation: Omit<SimulatorOptions, 'time' | 'clock'> = {},
  options: Partial<OperationsClientOptions> = {},
): SimulatedClient {
  const simulator = createSimulator(simulation)
  const { clock, origin } = simulator
  const operations = createOperationsClient({
    credential: steadyCredential(clock),
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: origin,
    clock,
    random: seededRandom(1),
    ...options,
  })
  return { simulator, clock, operations }
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
