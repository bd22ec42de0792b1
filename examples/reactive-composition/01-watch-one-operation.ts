// Archives a team, and watches the operation until it has ended.
import { archiveTeam } from '@teams-operations/core'
import { connectToSimulatedGraph } from './simulated-graph.ts'

const { graph, operations } = connectToSimulatedGraph()
const team = graph.tenant.addTeam({ displayName: 'Project Kestrel' })
graph.tenant.script({ inProgressMs: 50_000 })

const startedAt = graph.clock.now()
const seconds = (moment: number): string => `${Math.round((moment - startedAt) / 1_000)} s`.padStart(5)

// One POST. The answer is 202 with a Location, which is what there is to watch.
const ref = await operations.submit(archiveTeam(team.id))
console.log(`${seconds(graph.clock.now())}  accepted: ${ref.location}`)

// The known state at once, every change, completion at the end. However many subscribe, it is one poll.
operations.watch(ref, { everyCheck: true }).subscribe({
  next({ operation, checkedAt, nextCheckAt }) {
    const next =
      nextCheckAt === undefined ? 'no further check' : `next check at ${seconds(nextCheckAt).trim()}`
    console.log(`${seconds(checkedAt)}  ${operation.operationType} is ${operation.status}, ${next}`)
  },
  error(error) {
    console.error('The operation cannot be followed any more:', error)
    process.exitCode = 1
  },
  async complete() {
    const { checks } = operations.stats()
    console.log(`done after ${checks} checks; rules broken: ${graph.journal.violationCount()}`)
    await operations[Symbol.asyncDispose]()
    await graph.close()
  },
})
