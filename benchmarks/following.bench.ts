// How much one process needs to follow 100,000 operations with one subscriber each: microseconds of CPU per
// check, and bytes of heap per operation. Beside it, what the usual pipeline of RxJS needs for the same
// operations: a `share` with a `ReplaySubject` and a timer for each.
import { createOperationsClient } from '@teams-operations/core'
import { createVirtualClock } from '@teams-operations/core/testing'
import { defer, from, map, repeat, ReplaySubject, share, timer, type Observable } from 'rxjs'
import { createGraphStub, locationOf } from './graph-stub.ts'
import { heapUsed, printTable } from './measure.ts'

const operations = Number(process.argv[2] ?? 100_000)
const clock = createVirtualClock()
const { transport, counts } = createGraphStub(clock)

const before = heapUsed()
// The real budget lets 15 a second go: a check of each takes two hours of virtual time.
const client = createOperationsClient({ transport, clock, graphOrigin: 'https://graph.example' })
let states = 0
for (let index = 0; index < operations; index++) {
  client.watch(locationOf(index)).subscribe(() => {
    states += 1
  })
}
await clock.advance(1)
const started = process.cpuUsage()
await clock.advanceUntil(() => states === operations, 86_400_000)
const cpu = process.cpuUsage(started)
const heap = heapUsed() - before
const { checks, requests, batchFill } = client.stats()

const peerBefore = heapUsed()
const peers = Array.from({ length: Math.min(operations, 20_000) }, (_, index) =>
  sharedPipeline(locationOf(index)),
)
const subscriptions = peers.map((peer) => peer.subscribe(() => {}))
await new Promise((resolve) => setTimeout(resolve, 2_000))
const peerHeap = heapUsed() - peerBefore

console.log(`${operations} operations, one subscriber each; Node ${process.version}`)
printTable([
  ['', 'bytes per operation', 'µs of CPU per check'],
  ['teams-operations', (heap / operations).toFixed(0), ((cpu.user + cpu.system) / checks).toFixed(1)],
  ['RxJS share + timer each', (peerHeap / peers.length).toFixed(0), '–'],
])
console.log(
  `${checks} checks in ${requests} requests, ${batchFill.toFixed(1)} each (the stub saw ${counts.requests})`,
)
for (const subscription of subscriptions) subscription.unsubscribe()
await client[Symbol.asyncDispose]()

/** What one would write by hand for one operation, with the same stub behind it. */
function sharedPipeline(location: string): Observable<unknown> {
  const stub = createGraphStub({ ...clock, timer: (_, onElapsed) => (onElapsed(), () => {}) })
  const request = { method: 'GET', url: location, headers: {} } as const
  return defer(() => from(stub.transport.send(request, new AbortController().signal))).pipe(
    map(({ body }): unknown => JSON.parse(body)),
    repeat({ delay: () => timer(31_000) }),
    share({ connector: () => new ReplaySubject(1), resetOnComplete: false }),
  )
}
