// The gateway under attack, in a process of its own: what becomes of it can be seen from outside.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { OperationLostError, type OperationsClient } from '@teams-operations/core'
import { createGateway } from '../../src/gateway.ts'
import { listen } from '../../src/server/listen.ts'
import { locationOf, scriptedOperations } from '../scripted-operations.ts'

/** How the gateway is. */
export interface VictimReport {
  readonly heapBytes: number
  readonly residentBytes: number
  /** The longest that anything else had to wait for its turn, in milliseconds, since the report before. */
  readonly longestBlockMs: number
  readonly openConnections: number
  readonly openSockets: number
  readonly watchers: number
  /** Errors that nobody foresaw, by what they say. */
  readonly unexpected: readonly string[]
}

export type VictimRequest = 'report' | 'finish'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const OPERATIONS = 20
const STATE_EVERY_MS = 50

const unexpected = new Map<string, number>()
function note(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  unexpected.set(text, (unexpected.get(text) ?? 0) + 1)
}
process.on('unhandledRejection', (error) => note(new Error('Unhandled rejection', { cause: error })))
process.on('warning', note)

const scripted = scriptedOperations()
const found = new Set(Array.from({ length: OPERATIONS }, (_, n) => locationOf(n)))
const operations: OperationsClient = {
  ...scripted.client,
  // There is no Graph to ask.
  submit: async () => scripted.client.ref(locationOf(1)),
  async get(input) {
    const { location } = scripted.client.ref(input)
    if (!found.has(location)) throw new OperationLostError('There is no such operation')
    return scripted.client.get(location)
  },
}
const gateway = createGateway({
  operations,
  allowStart: true,
  documents: { known: '{ __typename }' },
  // Little enough for small answers to be too much.
  limits: { maxUnsentBytes: 16_384 },
  onUnexpectedError: note,
})
const server = await listen(gateway, { host: '127.0.0.1', port: 0 })
const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()

let round = 0
const timer = setInterval(() => {
  round += 1
  for (let n = 0; n < OPERATIONS; n++) scripted.find(locationOf(n), { attemptsCount: round })
}, STATE_EVERY_MS)

function report(): VictimReport {
  collectGarbage()
  const { heapUsed, rss } = process.memoryUsage()
  const longestBlockMs = delay.max / 1e6
  delay.reset()
  return {
    heapBytes: heapUsed,
    residentBytes: rss,
    longestBlockMs,
    openConnections: gateway.openConnections,
    openSockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
    watchers: Array.from({ length: OPERATIONS }, (_, n) => scripted.watchers(locationOf(n))).reduce(
      (a, b) => a + b,
    ),
    unexpected: [...unexpected].map(([text, times]) => `${times} times ${text}`),
  }
}

process.on('message', (request: VictimRequest) => {
  if (request === 'report') return void process.send?.(report())
  clearInterval(timer)
  for (let n = 0; n < OPERATIONS; n++) scripted.find(locationOf(n), { status: 'succeeded' })
})
process.on('disconnect', () => process.exit())
process.send?.({ port: Number(new URL(server.origin).port) })
