import {
  createOperationsClient,
  fetchTransport,
  fixedToken,
  type OperationsClient,
} from '@teams-operations/core'
import { createSimulator, keepBusy, type KeepBusyOptions } from '@teams-operations/simulator'
import type { Configuration } from './configuration.ts'
import { credentialFor } from './credential.ts'

/** The Microsoft Graph that is followed, real or simulated. */
export interface Graph extends AsyncDisposable {
  readonly operations: OperationsClient
  /** What it is, for people. */
  readonly description: string
  /** An operation that runs now, and will for a while; `undefined` where none is known. */
  runningLocation(): string | undefined
}

/** Often enough to watch: the simulated Graph has no terms of use. */
const SIMULATED_POLL_INTERVAL_MS = 3_000

/** The one that the configuration names. */
export function connectGraph(configuration: Configuration): Promise<Graph> {
  return configuration.simulate ? simulatedGraph(configuration) : microsoftGraph(configuration)
}

async function microsoftGraph(configuration: Configuration): Promise<Graph> {
  const { cloud, graphOrigin, pollIntervalMs, quotaShare } = configuration
  const credential = await credentialFor(configuration)
  const operations = createOperationsClient({ credential, cloud, graphOrigin, pollIntervalMs, quotaShare })
  return {
    operations,
    description: graphOrigin ?? (cloud === 'global' ? 'Microsoft Graph' : `Microsoft Graph (${cloud})`),
    runningLocation: () => undefined,
    [Symbol.asyncDispose]: () => operations[Symbol.asyncDispose](),
  }
}

/** A Graph in this process, without a socket, where a few operations are always running. */
export async function simulatedGraph(
  { pollIntervalMs, quotaShare }: Pick<Configuration, 'pollIntervalMs' | 'quotaShare'>,
  busyOptions?: KeepBusyOptions,
): Promise<Graph> {
  const token = crypto.randomUUID()
  const simulator = createSimulator({
    time: 'real',
    tokens: { accept: [token] },
    // It may run for days, and nobody looks.
    journal: { keep: 'violations' },
  })
  const busy = keepBusy(simulator, busyOptions)
  const operations = createOperationsClient({
    credential: fixedToken(token),
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: simulator.origin,
    pollIntervalMs: pollIntervalMs ?? SIMULATED_POLL_INTERVAL_MS,
    quotaShare,
  })
  return {
    operations,
    description: 'a simulated Microsoft Graph',
    runningLocation() {
      const [longest] = busy.running().toSorted((a, b) => b.operation.settlesAt - a.operation.settlesAt)
      return longest?.operation.location
    },
    async [Symbol.asyncDispose]() {
      await operations[Symbol.asyncDispose]()
      await simulator.close()
    },
  }
}
