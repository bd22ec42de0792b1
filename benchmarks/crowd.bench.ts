// 10,000 clients over WebSocket that watch 1,000 operations, ten each, in one process of the gateway: whether each
// of them learns how its operation ended, and whether the memory is back when they have left. Ends with 1 if not.
import { startChild } from './child-process.ts'
import type { ClientsProcess } from './fan-out/clients.ts'
import type { ServerProcess } from './fan-out/server.ts'
import { printTable } from './measure.ts'

const clients = Number(process.argv[2] ?? 10_000)
const operations = Number(process.argv[3] ?? 1_000)
/** What may remain for each client: room in tables that have grown. */
const REMAINING_BYTES = 100

using server: ServerProcess = startChild('fan-out/server.ts', ['gateway'])
const port = await server.call('port', undefined)

/** Has so many clients connect, and waits until each has seen its operation. */
async function gather(crowd: ClientsProcess, count: number): Promise<void> {
  await crowd.call('connect', { port, clients: count, operations, watches: 1 })
  // The quota lets 15 operations a second be checked.
  for (let seconds = 0; seconds < operations / 15 + 31; seconds += 31) {
    await server.call('checkEach', undefined)
  }
  await crowd.call('receive', { results: count })
}

async function leave(crowd: ClientsProcess): Promise<void> {
  await crowd.call('leave', undefined)
  await server.call('empty', undefined)
}

// What is loaded, compiled and cached with the first clients is not those of the crowd.
using first: ClientsProcess = startChild('fan-out/clients.ts')
await gather(first, operations)
await leave(first)
const heapBefore = await server.call('heapBytes', undefined)

using crowd: ClientsProcess = startChild('fan-out/clients.ts')
await gather(crowd, clients)
const heapOfCrowd = (await server.call('heapBytes', undefined)) - heapBefore
const cpuBefore = await server.call('cpuUs', undefined)
await server.call('finish', undefined)
const { ends, completes } = await crowd.call('receive', { ends: clients, completes: clients })
const cpuUs = (await server.call('cpuUs', undefined)) - cpuBefore
await leave(crowd)
const heapLeft = (await server.call('heapBytes', undefined)) - heapBefore

console.log(`${clients} clients, ${operations} operations; Node ${process.version}`)
printTable([
  ['', ''],
  ['learnt how it ended', `${ends} of ${clients}`],
  ['were told that this was all', `${completes} of ${clients}`],
  ['µs of CPU for both, and the checks, per client', (cpuUs / clients).toFixed(1)],
  ['kB of heap per client', (heapOfCrowd / clients / 1_000).toFixed(1)],
  ['bytes of heap left of each afterwards', (heapLeft / clients).toFixed(0)],
])
if (ends !== clients || completes !== clients || heapLeft / clients > REMAINING_BYTES) process.exitCode = 1
