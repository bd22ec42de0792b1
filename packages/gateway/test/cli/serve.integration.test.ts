import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createSimulator } from '@teams-operations/simulator'
import { listen as listenSimulator } from '@teams-operations/simulator/node'
import { createClient } from 'graphql-ws'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openRawSocket } from '../raw-socket.ts'
import { listening, runCli, type RunningCli } from './run-cli.ts'

interface TemporaryFolder extends AsyncDisposable {
  file(name: string): string
}

async function temporaryFolder(): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gateway-'))
  return {
    file: (name) => path.join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** Where it serves, and what it invites to paste. */
async function started(cli: RunningCli): Promise<{ origin: string; webSocketUrl: string; query: string }> {
  const [, query = ''] = await cli.printed(/press play:\n\n(.+?)\n\nCtrl-C/s)
  const [, origin = ''] = await cli.printed(/GraphiQL, in a browser +(\S+)\/graphql/)
  return { origin, query, webSocketUrl: `${origin.replace('http', 'ws')}/graphql` }
}

describe('serve --simulate', () => {
  test('prints a subscription that a graphql-ws client gets states of', async () => {
    await using cli = runCli(['serve', '--simulate', '--port', '0', '--poll-interval-ms', '200'])
    const { webSocketUrl, query } = await started(cli)
    const client = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 })
    const results: unknown[] = []
    for await (const result of client.iterate({ query })) {
      results.push(result)
      if (results.length === 3) break
    }
    expect(results).toMatchObject(
      [1, 2, 3].map((checks) => ({
        data: { teamsAsyncOperation: { status: /NOT_STARTED|IN_PROGRESS/, polling: { checks } } },
      })),
    )
    await client.dispose()
  })

  const signals: [NodeJS.Signals, string, number][] = [
    ['SIGINT', 'Ctrl-C', 130],
    ['SIGTERM', 'a service manager', 143],
  ]

  test.each(signals)('on %s, as from %s, ends all subscriptions and itself with 0', async (signal) => {
    await using cli = runCli(['serve', '--simulate', '--port', '0', '--drain-ms', '1000'])
    const { origin, webSocketUrl, query } = await started(cli)
    const socket = await openRawSocket(webSocketUrl)
    socket.send({ id: '1', type: 'subscribe', payload: { query } })
    await socket.receive(({ type }) => type === 'next')
    const events = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    })
    const text = events.text()
    const asked = performance.now()
    cli.kill(signal)
    expect(await socket.closed()).toEqual({ code: 1012, reason: 'Service restart' })
    expect(await text).not.toContain('complete')
    expect(await cli.ended).toBe(0)
    expect(performance.now() - asked).toBeLessThan(3_000)
    expect(cli.output()).toContain(`Stopping on ${signal}`)
    expect(cli.output()).not.toContain('Error')
  })

  test.each(signals)('on a second %s stops at once, as %s knows it', async (signal, _, code) => {
    await using cli = runCli(['serve', '--simulate', '--port', '0'])
    const { webSocketUrl } = await started(cli)
    const socket = await openRawSocket(webSocketUrl)
    // It does not answer the closing handshake, which the first signal waits for.
    socket.socket.pause()
    cli.kill(signal)
    await cli.printed(/Stopping/)
    cli.kill(signal)
    expect(await cli.ended).toBe(code)
    socket.socket.terminate()
  })

  test('does not wait for ever for a client that does not leave', async () => {
    await using cli = runCli(['serve', '--simulate', '--port', '0', '--drain-ms', '1000'])
    const { webSocketUrl } = await started(cli)
    const socket = await openRawSocket(webSocketUrl)
    socket.socket.pause()
    cli.kill('SIGTERM')
    expect(await cli.ended).toBe(0)
    socket.socket.terminate()
  })
})

test('serve follows a Graph at another origin, with the token that was pasted', async () => {
  await using simulator = createSimulator({ time: 'real', tokens: { accept: ['pasted-token'] } })
  await using graph = await listenSimulator(simulator)
  const operation = simulator.tenant.addOperation({ script: { inProgressMs: 300 } })
  await using cli = runCli(['serve', '--port', '0', '--poll-interval-ms', '50'], {
    GRAPH_ORIGIN: graph.origin,
    GRAPH_TOKEN: 'pasted-token',
  })
  const { webSocketUrl } = await started(cli)
  const client = createClient({ url: webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 })
  const statuses: unknown[] = []
  const query = `subscription { teamsAsyncOperation(ref: { location: "${operation.location}" }) { status } }`
  for await (const { data } of client.iterate<{ teamsAsyncOperation: { status: string } }>({ query })) {
    statuses.push(data?.teamsAsyncOperation.status)
  }
  expect(statuses.at(-1)).toBe('SUCCEEDED')
  await client.dispose()
})

test('serve --auth entra may be reached by others, and serves nobody without a token', async () => {
  await using cli = runCli(['serve', '--simulate', '--port', '0', '--host', '0.0.0.0', '--auth', 'entra'], {
    ENTRA_TENANT_ID: 'aaaaaaaa-1111-4111-8111-111111111111',
    ENTRA_AUDIENCE: 'api://teams-operations',
    ALLOWED_HOSTS: 'gateway.example.com',
  })
  const { origin, webSocketUrl } = await started(cli)
  expect(origin).toMatch(/^http:\/\/localhost:/)
  expect(cli.output()).toContain('for whoever has a token for it')
  const body = JSON.stringify({ query: '{ followedOperations { id } }' })
  for (const authorization of ['', 'Bearer not-a-token']) {
    const headers = { 'Content-Type': 'application/json', Authorization: authorization }
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  }
  await expect(openRawSocket(webSocketUrl)).rejects.toThrow('Closed with 4401')
  // The metrics tell what is going on, which is not for everybody who reaches it.
  expect((await fetch(`${origin}/metrics`)).status).toBe(404)
  await cli.printed(/"code":"UNAUTHENTICATED","detail":"There was no token"/)
  expect(cli.output()).not.toContain('not-a-token')
  cli.kill('SIGINT')
  expect(await cli.ended).toBe(0)
})

test('serve takes limits, persisted documents and production from its configuration', async () => {
  await using folder = await temporaryFolder()
  await writeFile(
    folder.file('documents.json'),
    JSON.stringify({ followed: '{ followedOperations { id } }' }),
  )
  const configuration = {
    simulate: true,
    port: 0,
    onlyPersisted: true,
    documents: folder.file('documents.json'),
  }
  await writeFile(folder.file('gateway.json'), JSON.stringify(configuration))
  await using cli = runCli(['serve', '--production', '--limit', 'maxBodyBytes=100'], {
    CONFIG_FILE: folder.file('gateway.json'),
  })
  const { origin } = await listening(cli)
  const ask = async (body: object): Promise<unknown> => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })
    return response.json()
  }
  expect(await ask({ documentId: 'followed' })).toEqual({ data: { followedOperations: [] } })
  expect(await ask({ query: '{ __typename }' })).toMatchObject({
    errors: [{ extensions: { code: 'PERSISTED_QUERY_ONLY' } }],
  })
  expect(await ask({ query: ' '.repeat(200) })).toMatchObject({ errors: [{}] })
  const page = await fetch(`${origin}/graphql`, { headers: { Accept: 'text/html' } })
  expect(await page.text()).not.toContain('<html')
  // What people are told to paste is not for a log.
  expect(cli.output()).not.toContain('press play')
})

describe('serve refuses to start', () => {
  test('with all mistakes at once', async () => {
    await using cli = runCli(['serve', '--port', 'high', '--quota', '1'], { POLL_INTERVAL_MS: '5000' })
    expect(await cli.ended).toBe(2)
    // For whatever reads the log, as all of it is.
    expect(JSON.parse(cli.output())).toMatchObject({
      level: 'error',
      message: 'Not started',
      mistakes: [
        '--quota: there is no such flag. Did you mean --quota-share?',
        '--port: expected a port from 0 to 65535, got "high".',
        expect.stringMatching(/^POLL_INTERVAL_MS: Expected pollIntervalMs to be at least 30000/) as string,
      ],
    })
  })

  test.each(['0.0.0.0', '::', '[::]'])('on %s, which others can reach', async (host) => {
    await using cli = runCli(['serve', '--simulate', '--port', '0', '--host', host])
    expect(await cli.ended).toBe(2)
    expect(cli.output()).toContain('Expected an address that only this machine can reach')
    expect(cli.output()).toContain('every network interface')
  })

  test('on a host that there is not', async () => {
    await using cli = runCli(['serve', '--simulate', '--host', 'nosuchhost.invalid'])
    expect(await cli.ended).toBe(2)
    expect(cli.output()).toContain('--host: Expected the name or an address of this machine')
    expect(cli.output()).not.toContain('    at ')
  })

  test('on a port that is taken, and says what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await using cli = runCli(['serve', '--simulate'], { PORT: String(port) })
    expect(await cli.ended).toBe(1)
    const lines = cli.output().trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 'error',
      message: 'Not started',
      reason: expect.stringContaining(
        `Expected to listen on 127.0.0.1, port ${port}, but another program does.`,
      ) as string,
    })
    other.close()
  })
})

describe('the command line', () => {
  test('shows its help', async () => {
    for (const args of [[], ['help'], ['--help'], ['serve', '--help']]) {
      await using cli = runCli(args)
      expect(await cli.ended).toBe(0)
      expect(cli.output()).toContain('--poll-interval-ms <number>')
    }
  })

  test.each([
    ['check', 'ends with 0 when all is well', 'Examples'],
    ['schema', '--allow-start', '--port'],
  ])('shows the help of %s, and no more', async (command, told, other) => {
    for (const args of [
      [command, '--help'],
      ['help', command],
    ]) {
      await using cli = runCli(args)
      expect(await cli.ended).toBe(0)
      expect(cli.output()).toContain(`teams-operations ${command} [flags]`)
      expect(cli.output()).toContain(told)
      expect(cli.output()).not.toContain(other)
    }
  })

  test('shows its version', async () => {
    for (const args of [['version'], ['--version'], ['serve', '--version']]) {
      await using cli = runCli(args)
      expect(await cli.ended).toBe(0)
      expect(cli.output()).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
    }
  })

  test('knows no other command', async () => {
    for (const args of [['start'], ['start', '--help']]) {
      await using cli = runCli(args)
      expect(await cli.ended).toBe(2)
      expect(cli.output()).toContain('Expected serve, check, schema, help, version, got "start".')
    }
  })
})
