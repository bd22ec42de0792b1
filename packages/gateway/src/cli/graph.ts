import {
  createOperationsClient,
  fetchTransport,
  fixedToken,
  resolveGraphOrigin,
  systemClock,
  type OperationsClient,
  type OperationsClientOptions,
} from '@teams-operations/core'
import { createSimulator, keepBusy, type KeepBusyOptions } from '@teams-operations/simulator'
import type { Configuration } from './configuration.ts'
import { onBehalfOf } from '../access/on-behalf-of.ts'
import type { CreateUserCredential } from '../access/user-credential.ts'
import { createUserOperations, type UserOperations } from '../access/user-operations.ts'
import { watchGraph, type GraphHealth, type ReportHealth } from '../server/graph-health.ts'
import { credentialFor } from './credential.ts'
import { tellingCredential } from './telling-credential.ts'

/** The Microsoft Graph that is followed, real or simulated. */
export interface Graph extends AsyncDisposable {
  /** A client, or one for each user on whose behalf it is read. */
  readonly operations: OperationsClient | UserOperations
  readonly health: GraphHealth
  /** What it is, for people. */
  readonly description: string
  /** An operation that runs now, and will for a while; `undefined` where none is known. */
  runningLocation(): string | undefined
}

/** Often enough to watch: the simulated Graph has no terms of use. */
const SIMULATED_POLL_INTERVAL_MS = 3_000

export interface GraphOptions extends Pick<OperationsClientOptions, 'onCheckFailed' | 'onPause'> {
  /** Told when it can be reached, and when not. @default nobody is told */
  readonly onHealthChange?: ReportHealth | undefined
  /** Told of each token, so that it can be kept out of logs. @default nobody is told */
  readonly onToken?: ((token: string) => void) | undefined
  /** Told why there is no token to read it on behalf of a user. @default nobody is told */
  readonly onUserTokenFailed?: ((error: unknown) => void) | undefined
}

/** The one that the configuration names. */
export function connectGraph(configuration: Configuration, options: GraphOptions): Promise<Graph> {
  return configuration.simulate
    ? simulatedGraph(configuration, options)
    : microsoftGraph(configuration, options)
}

async function microsoftGraph(
  configuration: Configuration,
  { onHealthChange, onToken = () => {}, onCheckFailed, onPause, onUserTokenFailed }: GraphOptions,
): Promise<Graph> {
  const { cloud, graphOrigin, pollIntervalMs, quotaShare } = configuration
  const ofUser = userCredentials(configuration)
  const health = watchGraph({
    origin: resolveGraphOrigin({ cloud, graphOrigin }),
    credential: ofUser ? undefined : tellingCredential(await credentialFor(configuration), { onToken }),
    transport: fetchTransport(),
    clock: systemClock,
    onChange: onHealthChange,
  })
  const { credential, transport } = health
  const graph = { transport, cloud, graphOrigin, pollIntervalMs, onCheckFailed, onPause }
  const operations = ofUser
    ? createUserOperations({
        credentialFor: (accessToken) =>
          tellingCredential(ofUser(accessToken), { onToken, onFailed: onUserTokenFailed }),
        createClient: (of) => createOperationsClient({ ...graph, ...of }),
        quotaShare,
      })
    : createOperationsClient({ ...graph, credential, quotaShare })
  return {
    operations,
    health,
    description: graphOrigin ?? (cloud === 'global' ? 'Microsoft Graph' : `Microsoft Graph (${cloud})`),
    runningLocation: () => undefined,
    async [Symbol.asyncDispose]() {
      health[Symbol.dispose]()
      await operations[Symbol.asyncDispose]()
    },
  }
}

/** What acts on behalf of users; `undefined` where the application does so itself. */
function userCredentials(configuration: Configuration): CreateUserCredential | undefined {
  const { applicationProof, entraTenantId, cloud } = configuration
  return applicationProof && onBehalfOf({ ...applicationProof, tenantId: entraTenantId ?? '', cloud })
}

/** A Graph in this process, without a socket, where a few operations are always running. */
export async function simulatedGraph(
  { pollIntervalMs, quotaShare }: Pick<Configuration, 'pollIntervalMs' | 'quotaShare'>,
  { onHealthChange, onCheckFailed, onPause }: GraphOptions = {},
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
  const health = watchGraph({
    origin: simulator.origin,
    credential: fixedToken(token),
    transport: fetchTransport({ fetch: simulator.fetch }),
    clock: systemClock,
    onChange: onHealthChange,
  })
  const { credential, transport } = health
  const operations = createOperationsClient({
    credential,
    transport,
    graphOrigin: simulator.origin,
    pollIntervalMs: pollIntervalMs ?? SIMULATED_POLL_INTERVAL_MS,
    quotaShare,
    onCheckFailed,
    onPause,
  })
  return {
    operations,
    health,
    description: 'a simulated Microsoft Graph',
    runningLocation() {
      const [longest] = busy.running().toSorted((a, b) => b.operation.settlesAt - a.operation.settlesAt)
      return longest?.operation.location
    },
    async [Symbol.asyncDispose]() {
      health[Symbol.dispose]()
      await operations[Symbol.asyncDispose]()
      await simulator.close()
    },
  }
}
