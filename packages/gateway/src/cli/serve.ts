import { systemClock, type Clock } from '@teams-operations/core'
import { collectDefaultMetrics } from 'prom-client'
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.ts'
import { createMetrics } from '../observability/metrics.ts'
import { startHttpServer } from '../server/http-server.ts'
import { listen } from '../server/listen.ts'
import {
  firstOf,
  healthEndpoints,
  metricsEndpoint,
  onlyThese,
  type Endpoints,
  type OperatorEndpoints,
} from '../server/operator-endpoints.ts'
import { createReadiness } from '../server/readiness.ts'
import { authOptions } from './auth-options.ts'
import type { Configuration } from './configuration.ts'
import { connectGraph, type Graph } from './graph.ts'
import type { Log } from './log/create-log.ts'
import { createGatewayLog } from './log/gateway-log.ts'
import type { Secrets } from './log/secrets.ts'
import { stopRequested, type StopSignal } from './signals.ts'
import { startAccess } from './start-access.ts'
import { startText } from './start-text.ts'
import { suggestedSubscription } from './suggested-subscription.ts'

/** Whoever presses Ctrl-C is waiting. */
const CTRL_C_DRAIN_MS = 3_000
/** What may come after the clients have left, before something must be wrong. */
const FUSE_MS = 2_000

export interface ServeOptions {
  readonly log: Log
  readonly secrets: Secrets
}

/**
 * Serves until the process is asked to stop, and stops.
 *
 * @throws ReachableAddressError, ListenError when it can't listen where it should
 */
export async function serve(configuration: Configuration, { log, secrets }: ServeOptions): Promise<void> {
  const clock = systemClock
  // From now on: whoever asks while it starts is not to kill it.
  const stopping = stopRequested()
  const { onHealthChange, onCheckFailed, onPause, onUserTokenFailed, onRefused, ...told } = createGatewayLog(
    log,
    clock,
  )
  await using graph = await connectGraph(configuration, {
    onHealthChange,
    onCheckFailed,
    onPause,
    onUserTokenFailed,
    onToken: (token) => secrets.add(token),
  })
  const { keepAliveMs, allowedOrigins, allowedHosts } = configuration
  const { production, limits, onlyPersisted, documentsById: documents } = configuration
  const gateway = gatewayFor(graph, {
    ...told,
    auth: authOptions(configuration, onRefused),
    allowStart: startAccess(configuration),
    ...{ keepAliveMs, allowedOrigins, allowedHosts },
    ...{ production, limits, onlyPersisted, documents },
  })
  const operator = operatorFor(graph, gateway)
  const { adminPort, adminHost } = configuration
  await using admin =
    adminPort === undefined
      ? undefined
      : await startHttpServer(onlyThese(adminEndpoints(operator)), { host: adminHost, port: adminPort })
  const server = await listen(gateway, {
    ...configuration,
    endpoints: publicEndpoints(operator, gateway, configuration),
  })
  log.info({ origin: server.origin, admin: admin?.origin, graph: graph.description }, 'Listening')
  if (!production) console.log(startText(server.origin, graph, gateway))

  const signal = await stopping
  const { withinMs, delayMs } = stopTimes(signal, configuration)
  log.info({ signal, withinMs }, `Stopping on ${signal}; once more stops at once`)
  operator.readiness.stop()
  // Never cancelled: the process ends with the command.
  clock.timer(withinMs + FUSE_MS, () => {
    log.error({ openConnections: gateway.openConnections }, 'Did not stop in time; exiting')
    process.exit(1)
  })
  await waitFor(clock, delayMs)
  await server.stop(withinMs - delayMs)
  log.info({}, 'Stopped')
}

/** The gateway to a Graph, with an editor that holds what is worth running there. */
export function gatewayFor(graph: Graph, options: Partial<GatewayOptions>): Gateway {
  return createGateway({
    operations: graph.operations,
    graphiql: {
      query: () => {
        const location = graph.runningLocation()
        return location && suggestedSubscription(location)
      },
    },
    ...options,
  })
}

function operatorFor({ operations, health }: Graph, gateway: Gateway): OperatorEndpoints {
  const readiness = createReadiness(() => health.read())
  const metrics = createMetrics({
    operations: () => operations.stats(),
    gateway: () => gateway.stats(),
    readiness: () =>
      Object.fromEntries(Object.entries(readiness.read()).map(([name, result]) => [name, result === 'ok'])),
  })
  // Of the process: memory, processor, garbage, and how late the event loop is.
  collectDefaultMetrics({ register: metrics })
  return { readiness, metrics }
}

function adminEndpoints(operator: OperatorEndpoints): Endpoints {
  return firstOf(healthEndpoints(operator), metricsEndpoint(operator, { onlyByLoopbackName: false }))
}

/**
 * What is there where clients are. The metrics are only where nobody has to prove who they are: whoever gets
 * there can see everything that is followed as well.
 */
function publicEndpoints(
  operator: OperatorEndpoints,
  { isAuthenticated }: Gateway,
  { adminPort }: Configuration,
): Endpoints {
  if (isAuthenticated || adminPort !== undefined) return healthEndpoints(operator)
  return firstOf(healthEndpoints(operator), metricsEndpoint(operator, { onlyByLoopbackName: true }))
}

function stopTimes(
  signal: StopSignal,
  { drainMs, drainDelayMs }: Configuration,
): { readonly withinMs: number; readonly delayMs: number } {
  return signal === 'SIGINT'
    ? { withinMs: Math.min(drainMs, CTRL_C_DRAIN_MS), delayMs: 0 }
    : { withinMs: drainMs, delayMs: drainDelayMs }
}

function waitFor(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.timer(delayMs, resolve))
}
