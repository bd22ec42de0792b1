import { BYSTANDERS, type FuzzReport } from './fuzz.ts'

const MAX_BLOCK_MS = 2_000
const MAX_GAP_MS = 3_000
const MAX_GROWTH_BYTES = 60_000_000
const MAX_RESIDENT_BYTES = 600_000_000

/** What a gateway that was attacked must not have done; nothing, if it is good. */
export function findProblems({ early, late, longestBlockMs, bystanders }: FuzzReport): readonly string[] {
  const problems = late.unexpected.map((text) => `The gateway did not foresee: ${text}`)
  const expectAtMost = (what: string, value: number, most: number): void => {
    if (value > most) problems.push(`Expected at most ${most} ${what}, got ${value}.`)
  }
  expectAtMost('connections when all had left', late.openConnections, BYSTANDERS)
  expectAtMost('sockets when all had left', late.openSockets, BYSTANDERS)
  expectAtMost('watchers when all had left', late.watchers, BYSTANDERS)
  expectAtMost('milliseconds without a turn', longestBlockMs, MAX_BLOCK_MS)
  expectAtMost('bytes of heap more than early on', late.heapBytes - early.heapBytes, MAX_GROWTH_BYTES)
  expectAtMost('bytes of memory', late.residentBytes, MAX_RESIDENT_BYTES)
  for (const { states, longestGapMs, isOrdered, isComplete, problems: noticed } of bystanders) {
    problems.push(...noticed.map((text) => `A bystander noticed: ${text}`))
    if (states < 2) problems.push('A bystander got no states.')
    if (!isOrdered) problems.push('A bystander got states out of order.')
    if (!isComplete) problems.push('A bystander was not told of the end.')
    expectAtMost('milliseconds between two states', longestGapMs, MAX_GAP_MS)
  }
  return problems
}
