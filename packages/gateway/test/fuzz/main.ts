// Lets hostile clients at a gateway, for a million messages.
import { parseArgs } from 'node:util'
import { fuzz, type FuzzReport } from './fuzz.ts'
import { findProblems } from './find-problems.ts'

const help = `Sends malformed, truncated, oversized and out-of-order messages to a gateway, over WebSocket and HTTP.

  npm run fuzz [-- --messages <number>] [--seed <number>]
`

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

function print({ messages, visits, elapsedMs, early, late, longestBlockMs, bystanders }: FuzzReport): void {
  console.log(`
${messages} messages in ${visits} visits, ${(elapsedMs / 1000).toFixed(0)} s
heap           ${megabytes(early.heapBytes)} early, ${megabytes(late.heapBytes)} when all had left
resident       ${megabytes(late.residentBytes)}
longest block  ${longestBlockMs.toFixed(0)} ms`)
  for (const { states, longestGapMs } of bystanders) {
    console.log(`bystander      ${states} states, ${longestGapMs.toFixed(0)} ms without one at the most`)
  }
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(help)
} else {
  const seed = Number(values.seed)
  console.log(`Seed ${seed}`)
  const report = await fuzz({
    messages: Number(values.messages),
    seed,
    onProgress: (messages, { heapBytes, openConnections }) =>
      console.log(`${messages} messages, ${megabytes(heapBytes)} of heap, ${openConnections} connections`),
  })
  print(report)
  const problems = findProblems(report)
  console.log(problems.length === 0 ? '\nNothing broke.' : `\n${problems.join('\n')}`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
