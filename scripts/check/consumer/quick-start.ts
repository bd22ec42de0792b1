// What somebody does who has just installed the packages. Runs in an empty project, on the packed tarballs.
import { archiveTeam, createOperationsClient, fetchTransport, fixedToken } from '@teams-operations/core'
import { createSimulator } from '@teams-operations/simulator'

const { fetch, clock, origin, tenant } = createSimulator()
const transport = fetchTransport({ fetch })
await using operations = createOperationsClient({
  credential: fixedToken('quick-start'),
  transport,
  graphOrigin: origin,
  clock,
})
const ref = await operations.submit(archiveTeam(tenant.addTeam().id))
operations.watch(ref).subscribe(({ operation }) => console.log(operation.status))
await clock.advance(120_000)
