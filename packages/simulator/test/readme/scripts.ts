import { createSimulator } from '@teams-operations/simulator'

const { tenant } = createSimulator()
const team = tenant.addTeam()

tenant.script({
  inProgressMs: 60_000,
  outcome: 'failed',
  error: { code: 'SiteLocked', message: 'Read-only.' },
})
tenant.script({ outcome: 'stuck' }, { operationType: 'cloneTeam', times: Infinity })
const operation = tenant.addOperation({
  teamId: team.id,
  script: { replicationMs: 4_000, purgeAfterMs: 600_000 },
})
operation.succeed()

export { operation, tenant }
