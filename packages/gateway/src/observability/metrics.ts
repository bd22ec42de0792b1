import type { ClientStats } from '@teams-operations/core'
import { Counter, Gauge, Registry, type CounterConfiguration } from 'prom-client'
import type { GatewayStats } from './gateway-stats.ts'

export interface MetricsSources {
  /** The numbers of the client that follows the operations. */
  readonly operations: () => ClientStats
  /** The numbers of the gateway. */
  readonly gateway: () => GatewayStats
  /** What it needs to serve, by name, and whether that is there. @default not told */
  readonly readiness?: (() => Readonly<Record<string, boolean>>) | undefined
}

/**
 * What Prometheus gets to know of a gateway: a registry of its own, filled whenever it is read. Nothing in
 * it says who does what.
 *
 * @example
 * ```ts
 * const metrics = createMetrics({ operations: () => operations.stats(), gateway: () => gateway.stats() })
 * const text = await metrics.metrics()
 * ```
 */
export function createMetrics({ operations, gateway, readiness }: MetricsSources): Registry {
  const registry = new Registry()
  describeGateway(createMetricsIn(registry, gateway))
  describeGraph(createMetricsIn(registry, operations))
  if (readiness) describeReadiness(createMetricsIn(registry, readiness))
  return registry
}

function describeGateway({ gauge, counter }: MetricsIn<GatewayStats>): void {
  gauge('connections', 'Open WebSockets and event streams.', {
    transport: ({ connections }) => connections,
  })
  counter('connections_opened_total', 'WebSockets and event streams that were opened.', {
    transport: ({ connectionsOpened }) => connectionsOpened,
  })
  counter('connections_closed_total', 'Those that have ended, by why.', {
    reason: ({ connectionsClosed }) => connectionsClosed,
  })
  gauge('subscriptions', 'Subscriptions that are served.', ({ subscriptions }) => subscriptions)
  counter('graphql_operations_total', 'GraphQL operations that were taken on.', {
    type: (stats) => stats.operations,
  })
  counter('refusals_total', 'Connections and requests that were turned away at the door.', {
    reason: ({ refusals }) => refusals,
  })
  counter('errors_total', 'GraphQL errors that clients were told.', { code: ({ errors }) => errors })
  counter(
    'executions_total',
    'Events that subscriptions were executed for, once for all who share one.',
    ({ executions }) => executions,
  )
  counter(
    'deliveries_total',
    'Results of subscriptions that were sent, to each subscriber.',
    ({ deliveries }) => deliveries,
  )
  counter(
    'conflated_states_total',
    'States that newer ones took the place of, for clients that were too slow.',
    ({ conflations }) => conflations,
  )
}

function describeGraph({ gauge, counter }: MetricsIn<ClientStats>): void {
  gauge('followed', 'Operations of Microsoft Teams that are followed.', ({ followed }) => followed)
  counter('checks_total', 'Checks of operations, by what came of them.', {
    outcome: ({ outcomes }) => outcomes,
  })
  counter('graph_requests_total', 'Requests to Graph that carried checks: of one, or a batch of several.', {
    kind: ({ requests, batches }) => ({ single: requests - batches, batch: batches }),
  })
  gauge('batch_fill', 'Checks per request to Graph, on average.', ({ batchFill }) => batchFill)
  gauge(
    'budget_reads_per_second',
    'Reads of Graph that are allowed in a second.',
    ({ budget }) => budget.readsPerSecond,
  )
  gauge('budget_used', 'Reads of Graph in the last second.', ({ budget }) => budget.used)
  counter(
    'throttled_seconds_total',
    'Time in which nothing was sent, because Graph asked for that or failed.',
    ({ pausedMs }) => pausedMs / 1000,
  )
  counter(
    'detections_total',
    'Changes of operations that were detected.',
    ({ detectionDelayMs }) => detectionDelayMs.count,
  )
  counter(
    'detection_delay_seconds_total',
    'How late they were, all together: at most the time since the check before.',
    ({ detectionDelayMs: { mean, count } }) => (mean * count) / 1000,
  )
  gauge(
    'detection_delay_max_seconds',
    'How late the latest of them was.',
    ({ detectionDelayMs }) => detectionDelayMs.max / 1000,
  )
  counter('checks_sent_total', 'Checks that were sent, answered or not.', ({ waitMs }) => waitMs.count)
  counter(
    'check_wait_seconds_total',
    'How long they waited for the budget or a pause after they were due, all together.',
    ({ waitMs: { mean, count } }) => (mean * count) / 1000,
  )
}

function describeReadiness({ gauge }: MetricsIn<Readonly<Record<string, boolean>>>): void {
  gauge('ready', 'Whether what the gateway needs to serve is there.', {
    check: (checks) => Object.fromEntries(Object.entries(checks).map(([name, ok]) => [name, ok ? 1 : 0])),
  })
}

/** A number, or for each value of a label one. */
type Reading<Stats> =
  ((stats: Stats) => number) | Readonly<Record<string, (stats: Stats) => Readonly<Record<string, number>>>>

type Describe<Stats> = (name: string, help: string, reading: Reading<Stats>) => void

type CommonConfiguration = Omit<CounterConfiguration<string>, 'collect'>

interface MetricsIn<Stats> {
  readonly gauge: Describe<Stats>
  readonly counter: Describe<Stats>
}

/** What adds metrics to a registry that are read from numbers that others keep. */
function createMetricsIn<Stats>(registry: Registry, stats: () => Stats): MetricsIn<Stats> {
  function samples(reading: Reading<Stats>): readonly (readonly [Record<string, string>, number])[] {
    if (typeof reading === 'function') return [[{}, reading(stats())]]
    return Object.entries(reading).flatMap(([label, read]) =>
      Object.entries(read(stats())).map(([value, count]) => [{ [label]: value }, count] as const),
    )
  }
  const common = (name: string, help: string, reading: Reading<Stats>): CommonConfiguration => ({
    name: `teams_operations_${name}`,
    help,
    labelNames: typeof reading === 'function' ? [] : Object.keys(reading),
    registers: [registry],
  })

  return {
    gauge(name, help, reading) {
      const gauge = new Gauge({
        ...common(name, help, reading),
        collect() {
          for (const [labelled, value] of samples(reading)) gauge.set(labelled, value)
        },
      })
    },
    counter(name, help, reading) {
      const counter = new Counter({
        ...common(name, help, reading),
        collect() {
          // They are counted elsewhere, and only shown here.
          counter.reset()
          for (const [labelled, value] of samples(reading)) counter.inc(labelled, value)
        },
      })
    },
  }
}
