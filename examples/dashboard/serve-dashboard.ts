import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOperationsClient, fetchTransport, fixedToken } from '@teams-operations/core'
import { createGateway } from '@teams-operations/gateway'
import { createSimulator, type OperationScript } from '@teams-operations/simulator'
import { fileFor } from './page-files.ts'
import { provisionTeams } from './provision-teams.ts'

export interface DashboardOptions {
  /** 0 takes any that is free. */
  readonly port: number
  /** What operations do, and for how long. @default ten to forty seconds each, and every fifth fails */
  readonly script?: OperationScript | undefined
}

export interface Dashboard extends AsyncDisposable {
  readonly origin: string
}

const teamNames = ['Marketing', 'Project Kestrel', 'Payroll', 'Field Service', 'Class 4b']

/** The page, the gateway that it talks to, and somebody who starts operations for it to show. */
export async function serveDashboard({ port, script }: DashboardOptions): Promise<Dashboard> {
  const simulator = createSimulator({
    time: 'real',
    script: script ?? { inProgressMs: [10_000, 40_000] },
    journal: { keep: 'violations' },
  })
  const teams = teamNames.map((displayName) => simulator.tenant.addTeam({ displayName }))
  const operations = createOperationsClient({
    credential: fixedToken('any-token-will-do'),
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: simulator.origin,
    // The simulated Graph has no terms of use; the real one is asked every 31 seconds.
    pollIntervalMs: 2_000,
  })
  const gateway = createGateway({ operations, allowStart: true })
  const provisioning = provisionTeams(operations, simulator, teams).subscribe()

  const server = createServer((request, response) => {
    const [path = '/'] = request.url?.split('?', 1) ?? []
    if (path.startsWith('/graphql') && !path.startsWith('/graphql-ws/')) {
      gateway.handleRequest(request, response)
    } else if (path === '/teams.json') {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify(teams.map(({ id, displayName }) => ({ id, displayName }))))
    } else {
      void fileFor(path).then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
    }
  })
  server.on('upgrade', gateway.handleUpgrade)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      provisioning.unsubscribe()
      server.close()
      await gateway.drain()
      server.closeAllConnections()
      await operations[Symbol.asyncDispose]()
      await simulator.close()
    },
  }
}
