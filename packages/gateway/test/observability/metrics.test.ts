import { createOperationsClient, fixedToken, type ClientStats } from '@teams-operations/core'
import { expect, test } from 'vitest'
import { GatewayCounts } from '../../src/observability/gateway-counts.ts'
import { createMetrics } from '../../src/observability/metrics.ts'

const idle = createOperationsClient({ credential: fixedToken('unused') }).stats()

/** The samples by name and labels. */
async function samplesOf(text: Promise<string>): Promise<Record<string, number>> {
  const lines = (await text).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

test('every metric has a help, the prefix of the project, and a name that says its unit', async () => {
  const registry = createMetrics({
    operations: () => idle,
    gateway: () => new GatewayCounts().read(),
    readiness: () => ({}),
  })
  const metrics = await registry.getMetricsAsJSON()
  expect(metrics.length).toBeGreaterThan(20)
  for (const { name, help, type } of metrics) {
    expect(name).toMatch(/^teams_operations_[a-z_]+$/)
    expect(help).toMatch(/^[A-Z].*\.$/)
    expect(name.endsWith('_total')).toBe(String(type) === 'counter')
  }
})

test('numbers are what they are when they are read, with times in seconds', async () => {
  const counts = new GatewayCounts()
  let stats: ClientStats = idle
  const registry = createMetrics({
    operations: () => stats,
    gateway: () => counts.read(),
    readiness: () => ({ graph: true, token: false }),
  })
  expect(await samplesOf(registry.metrics())).toMatchObject({
    'teams_operations_connections{transport="websocket"}': 0,
    'teams_operations_errors_total{code="FORBIDDEN"}': 0,
  })

  counts.opened('websocket')
  counts.opened('websocket')
  counts.closed('websocket', 'slow')
  counts.subscribed()
  counts.operation('subscription')
  counts.refused('origin')
  counts.error('FORBIDDEN')
  counts.executed()
  counts.delivered(100)
  counts.conflated(7)
  stats = {
    ...idle,
    followed: 5,
    outcomes: { ...idle.outcomes, found: 40, throttled: 2 },
    requests: 10,
    batches: 7,
    batchFill: 4.2,
    pausedMs: 12_500,
    budget: { readsPerSecond: 15, used: 3 },
    detectionDelayMs: { count: 4, mean: 15_000, max: 31_000 },
    waitMs: { count: 42, mean: 500, max: 4_000 },
  }
  const expected = {
    'teams_operations_connections{transport="websocket"}': 1,
    'teams_operations_connections_opened_total{transport="websocket"}': 2,
    'teams_operations_connections_closed_total{reason="slow"}': 1,
    teams_operations_subscriptions: 1,
    'teams_operations_graphql_operations_total{type="subscription"}': 1,
    'teams_operations_refusals_total{reason="origin"}': 1,
    'teams_operations_errors_total{code="FORBIDDEN"}': 1,
    teams_operations_executions_total: 1,
    teams_operations_deliveries_total: 100,
    teams_operations_conflated_states_total: 7,
    teams_operations_followed: 5,
    'teams_operations_checks_total{outcome="found"}': 40,
    'teams_operations_checks_total{outcome="throttled"}': 2,
    'teams_operations_graph_requests_total{kind="single"}': 3,
    'teams_operations_graph_requests_total{kind="batch"}': 7,
    teams_operations_batch_fill: 4.2,
    teams_operations_budget_reads_per_second: 15,
    teams_operations_budget_used: 3,
    teams_operations_throttled_seconds_total: 12.5,
    teams_operations_detections_total: 4,
    teams_operations_detection_delay_seconds_total: 60,
    teams_operations_detection_delay_max_seconds: 31,
    teams_operations_checks_sent_total: 42,
    teams_operations_check_wait_seconds_total: 21,
    'teams_operations_ready{check="graph"}': 1,
    'teams_operations_ready{check="token"}': 0,
  }
  // Reading does not count.
  for (let i = 0; i < 3; i++) expect(await samplesOf(registry.metrics())).toMatchObject(expected)
})

test('two gateways in one process know nothing of each other', async () => {
  const one = new GatewayCounts()
  const other = new GatewayCounts()
  one.subscribed()
  const [first, second] = [one, other].map((counts) =>
    samplesOf(createMetrics({ operations: () => idle, gateway: () => counts.read() }).metrics()),
  )
  expect((await first)?.['teams_operations_subscriptions']).toBe(1)
  expect((await second)?.['teams_operations_subscriptions']).toBe(0)
})
