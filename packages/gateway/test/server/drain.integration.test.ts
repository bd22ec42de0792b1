import { once } from 'node:events'
import { connect } from 'node:net'
import { createSimulator } from '@teams-operations/simulator'
import { listen as listenSimulator } from '@teams-operations/simulator/node'
import { createClient, type Client, type ClientOptions, type Event } from 'graphql-ws'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { listening, runCli, type RunningCli } from '../cli/run-cli.ts'
import { openRawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations } from '../scripted-operations.ts'
import { serveGateway } from '../serve-gateway.ts'

const query = `subscription ($location: String!) {
  teamsAsyncOperation(ref: { location: $location }) { status polling { revision } }
}`

interface Watched {
  readonly teamsAsyncOperation: { readonly status: string; readonly polling: { readonly revision: number } }
}

/** A client as people have it, but for its patience. */
function patientClient(
  url: () => string,
  options: Partial<ClientOptions> = {},
): { readonly client: Client; readonly closedWith: number[] } {
  const closedWith: number[] = []
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 200,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    ...options,
  })
  client.on('closed', (event) => closedWith.push((event as Extract<Event, 'closed'> & { code: number }).code))
  return { client, closedWith }
}

describe('a client of graphql-ws, when its gateway stops', () => {
  test('goes on at another one, from the current state to the terminal one', async () => {
    const operations = scriptedOperations()
    await using first = await serveGateway({ operations: operations.client })
    await using second = await serveGateway({ operations: operations.client })
    let url = first.webSocketUrl
    const { client, closedWith } = patientClient(() => url)
    const statuses: string[] = []
    const done = (async () => {
      const variables = { location: locationOf(1) }
      for await (const { data, errors } of client.iterate<Watched>({ query, variables })) {
        expect(errors).toBeUndefined()
        statuses.push(data?.teamsAsyncOperation.status ?? '')
      }
    })()
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(1))
    operations.find(locationOf(1), { status: 'notStarted' })
    await vi.waitFor(() => expect(statuses).toEqual(['NOT_STARTED']))
    url = second.webSocketUrl
    await first.stop()
    // Nobody listens now: what happens in between is not lost.
    operations.find(locationOf(1), { status: 'inProgress' })
    await vi.waitFor(() => expect(second.gateway.openConnections).toBe(1))
    await vi.waitFor(() => expect(statuses.at(-1)).toBe('IN_PROGRESS'))
    operations.find(locationOf(1), { status: 'succeeded' })
    await done
    expect(statuses).toEqual(['NOT_STARTED', 'IN_PROGRESS', 'SUCCEEDED'])
    expect(closedWith[0]).toBe(1012)
    await client.dispose()
  })

  test('gets the terminal state that was reached while it had none', async () => {
    const operations = scriptedOperations()
    await using first = await serveGateway({ operations: operations.client })
    await using second = await serveGateway({ operations: operations.client })
    let url = first.webSocketUrl
    const clients = Array.from({ length: 200 }, () => patientClient(() => url).client)
    const last = Promise.all(
      clients.map(async (client, index) => {
        let status = ''
        const variables = { location: locationOf(index % 10) }
        for await (const { data } of client.iterate<Watched>({ query, variables })) {
          status = data?.teamsAsyncOperation.status ?? ''
        }
        return status
      }),
    )
    await vi.waitFor(() => expect(first.gateway.stats().subscriptions).toBe(200))
    for (let n = 0; n < 10; n++) operations.find(locationOf(n))
    url = second.webSocketUrl
    const stopped = first.stop(2_000)
    // In the middle of the waves.
    await vi.waitFor(() => expect(first.gateway.openConnections).toBeLessThan(150))
    for (let n = 0; n < 10; n++) operations.find(locationOf(n), { status: 'succeeded' })
    await stopped
    expect(new Set(await last)).toEqual(new Set(['SUCCEEDED']))
    for (const client of clients) await client.dispose()
  })
})

describe('serve, on SIGTERM', () => {
  test('is not ready first, then takes nobody more, then ends all, within its time', async () => {
    await using cli = runCli([
      ...['serve', '--simulate', '--port', '0', '--admin-port', '0'],
      ...['--drain-ms', '4000', '--drain-delay-ms', '1500'],
    ])
    const { origin, admin } = await listening(cli)
    const webSocketUrl = `${origin.replace('http', 'ws')}/graphql`
    const before = await openRawSocket(webSocketUrl)
    const silent = connect(Number(new URL(origin).port), '127.0.0.1')
    await once(silent, 'connect')
    silent.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n')
    expect((await fetch(`${admin}/readyz`)).status).toBe(200)

    const asked = performance.now()
    cli.kill('SIGTERM')
    await vi.waitFor(async () => expect((await fetch(`${admin}/readyz`)).status).toBe(503))
    // Who has not heard of it yet is still let in.
    const during = await openRawSocket(webSocketUrl)
    expect(before.socket.readyState).toBe(WebSocket.OPEN)
    expect(performance.now() - asked).toBeLessThan(1_500)

    for (const socket of [before, during]) {
      expect(await socket.closed()).toEqual({ code: 1012, reason: 'Service restart' })
    }
    expect(performance.now() - asked).toBeGreaterThan(1_400)
    await expect(fetch(`${origin}/healthz`)).rejects.toThrow('fetch failed')
    expect((await fetch(`${admin}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${admin}/readyz`)).text()).toContain('"serving":"stopping"')
    // The one that never finishes its request has to be cut off.
    expect(await cli.ended).toBe(0)
    expect(performance.now() - asked).toBeLessThan(5_500)
    expect(cli.output()).toContain('"message":"Stopped"')
    silent.destroy()
  })

  test('lets its clients find the gateway that takes its place on the same port', async () => {
    await using simulator = createSimulator({ time: 'real' })
    await using graph = await listenSimulator(simulator)
    const operation = simulator.tenant.addOperation({ script: { inProgressMs: 6_000 } })
    const run = (port: string): RunningCli =>
      runCli(['serve', '--port', port, '--poll-interval-ms', '200', '--drain-ms', '1000'], {
        GRAPH_ORIGIN: graph.origin,
        GRAPH_TOKEN: 'pasted-token',
      })
    await using first = run('0')
    const { origin } = await listening(first)
    // For a while there is nobody to be reached, which these clients take for the end unless they are told.
    const { client } = patientClient(() => `${origin.replace('http', 'ws')}/graphql`, {
      shouldRetry: () => true,
    })
    const seen: Watched['teamsAsyncOperation'][] = []
    const done = (async () => {
      const variables = { location: operation.location }
      for await (const { data } of client.iterate<Watched>({ query, variables })) {
        if (data) seen.push(data.teamsAsyncOperation)
      }
    })()
    await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: 5_000 })
    first.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    await using second = run(new URL(origin).port)
    await done
    expect(seen.map(({ status }) => status)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED'])
    expect(second.output()).not.toContain('"level":"error"')
    await client.dispose()
  })
})
