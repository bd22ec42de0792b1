import { readdir, readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createOperationsClient,
  fetchTransport,
  fixedToken,
  type OperationsClient,
} from '@teams-operations/core'
import { createGateway, typeDefs, type Gateway } from '@teams-operations/gateway'
import { createSimulator, type Simulator } from '@teams-operations/simulator'
import { buildSchema, parse, validate } from 'graphql'
import { createClient, type Client } from 'graphql-ws'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'

const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.graphql'))

let simulator: Simulator
let operations: OperationsClient
let gateway: Gateway
let server: Server
let client: Client

beforeAll(async () => {
  simulator = createSimulator({ time: 'real' })
  operations = createOperationsClient({
    credential: fixedToken('token'),
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: simulator.origin,
    pollIntervalMs: 50,
  })
  gateway = createGateway({ operations })
  server = createServer(gateway.handleRequest).on('upgrade', gateway.handleUpgrade).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 })
})

afterAll(async () => {
  await client.dispose()
  await gateway[Symbol.asyncDispose]()
  await operations[Symbol.asyncDispose]()
  await simulator.close()
  server.close()
})

const read = (name: string): Promise<string> => readFile(`${import.meta.dirname}/${name}`, 'utf8')

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const result of results) collected.push(result)
  return collected
}

test.each(files)('%s is valid, and the README shows it', async (name) => {
  expect(validate(buildSchema(typeDefs), parse(await read(name)))).toEqual([])
  expect(await read('README.md')).toContain(name)
})

test('operations-of-a-team lists what happened to a team', async () => {
  const { id: teamId } = simulator.tenant.addTeam({})
  const started = simulator.tenant.addOperation({ teamId })
  const query = await read('operations-of-a-team.graphql')
  const results = client.iterate({ query, variables: { owner: { teamId } } })
  expect(await collect(results)).toMatchObject([
    {
      data: {
        teamsAsyncOperations: {
          edges: [{ node: { location: started.location, operationType: 'ARCHIVE_TEAM' } }],
          pageInfo: { hasNextPage: false },
        },
      },
    },
  ])
})

test('watch-one-operation follows an operation to its end', async () => {
  const { location } = simulator.tenant.addOperation({
    script: {
      inProgressMs: 300,
      outcome: 'failed',
      error: { code: 'Locked', message: 'The site is locked.' },
    },
  })
  const query = await read('watch-one-operation.graphql')
  const results = await collect(client.iterate({ query, variables: { location } }))
  expect(results[0]).toMatchObject({
    data: { teamsAsyncOperation: { status: 'IN_PROGRESS', isTerminal: false } },
  })
  expect(results.at(-1)).toMatchObject({
    data: { teamsAsyncOperation: { status: 'FAILED', isTerminal: true, error: { code: 'Locked' } } },
  })
})

test('overview shows an operation as long as somebody watches it', async () => {
  const { location } = simulator.tenant.addOperation({ script: { inProgressMs: 60_000 } })
  const overviews: unknown[] = []
  const stopOverview = client.subscribe(
    { query: await read('overview.graphql') },
    { next: ({ data }) => overviews.push(data), error: () => {}, complete: () => {} },
  )
  await vi.waitFor(() => expect(overviews.at(-1)).toEqual({ followedOperations: [] }))
  const stopWatching = client.subscribe(
    { query: await read('watch-one-operation.graphql'), variables: { location } },
    { next: () => {}, error: () => {}, complete: () => {} },
  )
  await vi.waitFor(() => expect(overviews.at(-1)).toMatchObject({ followedOperations: [{ location }] }))
  stopWatching()
  await vi.waitFor(() => expect(overviews.at(-1)).toEqual({ followedOperations: [] }))
  stopOverview()
})
