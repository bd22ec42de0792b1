// What aligning due times costs in delay and saves in requests: operations that are met at random moments of
// a minute are followed for half an hour of virtual time, on grids of different width.
import { createOperationsClient } from '@teams-operations/core'
import { createVirtualClock } from '@teams-operations/core/testing'
import { createGraphStub, locationOf } from './graph-stub.ts'
import { printTable } from './measure.ts'

const HALF_AN_HOUR_MS = 1_800_000
const INTERVAL_MS = 31_000

async function follow(operations: number, alignMs: number): Promise<readonly string[]> {
  const clock = createVirtualClock()
  const { transport } = createGraphStub(clock)
  const client = createOperationsClient({ transport, clock, graphOrigin: 'https://graph.example', alignMs })
  const arrivals = Array.from({ length: operations }, () => Math.random() * 60_000).toSorted((a, b) => a - b)
  for (const [index, arrival] of arrivals.entries()) {
    await clock.advance(arrival - clock.monotonic())
    client.watch(locationOf(index)).subscribe()
  }
  const before = client.stats()
  await clock.advance(HALF_AN_HOUR_MS)
  const after = client.stats()
  await client[Symbol.asyncDispose]()
  const checks = after.checks - before.checks
  const requests = after.requests - before.requests
  const intervalMs = (HALF_AN_HOUR_MS * operations) / checks
  return [
    `${operations}`,
    `${alignMs}`,
    (checks / requests).toFixed(1),
    ((requests / HALF_AN_HOUR_MS) * 60_000).toFixed(1),
    ((intervalMs - INTERVAL_MS) / 1_000).toFixed(2),
  ]
}

const rows: (readonly string[])[] = []
for (const operations of [10, 50, 200, 400]) {
  for (const alignMs of [0, 1_000, 2_000, 5_000]) rows.push(await follow(operations, alignMs))
}
printTable([['operations', 'grid ms', 'per request', 'requests/min', 's beyond the 31'], ...rows])
