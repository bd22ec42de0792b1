// Archives twenty teams, at most five at a time, with a live summary. One of them fails: that is a value
// among the others, and ends nothing.
import { archiveTeam, summarize } from '@teams-operations/core'
import { defer, distinctUntilKeyChanged, from, map, switchMap } from 'rxjs'
import { connectToSimulatedGraph } from './simulated-graph.ts'

const { graph, operations } = connectToSimulatedGraph()
const teams = Array.from({ length: 20 }, (_, index) =>
  graph.tenant.addTeam({ displayName: `Class ${index + 1}` }),
)
graph.tenant.script(
  { outcome: 'failed', error: { code: 'TeamUnavailable', message: 'The team was not found.' } },
  { ownerId: teams[6]?.id },
)

/** Starts when it is subscribed to, so that only five are in flight. */
const archive = (teamId: string) =>
  defer(() => operations.submit(archiveTeam(teamId))).pipe(switchMap((ref) => operations.watch(ref)))

from(teams)
  .pipe(
    map(({ id }) => archive(id)),
    summarize({ concurrency: 5 }),
    distinctUntilKeyChanged('settled'),
  )
  .subscribe({
    next({ settled, byStatus }) {
      const bar = '█'.repeat(settled).padEnd(teams.length, '░')
      console.log(
        `${bar} ${settled} of ${teams.length}: ${byStatus.succeeded} archived, ${byStatus.failed} failed`,
      )
    },
    async complete() {
      const { checks, requests } = operations.stats()
      console.log(`${checks} checks in ${requests} requests; rules broken: ${graph.journal.violationCount()}`)
      await operations[Symbol.asyncDispose]()
      await graph.close()
    },
  })
