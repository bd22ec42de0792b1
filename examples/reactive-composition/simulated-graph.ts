import {
  createOperationsClient,
  fetchTransport,
  fixedToken,
  type OperationsClient,
} from '@teams-operations/core'
import { createSimulator, type Simulator } from '@teams-operations/simulator'

export interface SimulatedGraph {
  readonly graph: Simulator
  readonly operations: OperationsClient
}

/**
 * A Microsoft Graph in this process, a hundred times as fast as the real one, and a client of it. For the
 * real one, all of this is `createOperationsClient({ credential: new DefaultAzureCredential() })`.
 */
export function connectToSimulatedGraph(): SimulatedGraph {
  const graph = createSimulator({ time: { speed: 100 } })
  const operations = createOperationsClient({
    credential: fixedToken('any-token-will-do'),
    transport: fetchTransport({ fetch: graph.fetch }),
    graphOrigin: graph.origin,
    clock: graph.clock,
  })
  return { graph, operations }
}
