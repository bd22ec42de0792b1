import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRawSocket } from '../raw-socket.ts'
import { listening, runCli, type RunningCli } from './run-cli.ts'

interface Line {
  readonly time: string
  readonly level: string
  readonly message: string
  readonly [name: string]: unknown
}

/** The lines of the log, all of which are JSON. What is printed for people is not among them. */
function linesOf(cli: RunningCli): readonly Line[] {
  return cli
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as Line)
}

const graphToken = 'opaque-token-for-graph'
const clientToken = `eyJhbGciOiJSUzI1NiJ9.${'c'.repeat(40)}.${'d'.repeat(86)}`
const location =
  "/teams('11111111-2222-4333-8444-555555555555')/operations('00000000-0000-4000-8000-000000000001')"

describe('the log of serve', () => {
  /** A Graph that repeats all that it is told in what it refuses. */
  let graph: Server
  let status: number

  beforeEach(async () => {
    status = 401
    graph = createServer((request, response) => {
      const message = `Refused: ${JSON.stringify(request.headers)}`
      response.writeHead(status, {
        'Content-Type': 'application/json',
        'Retry-After': '1',
        'request-id': 'r',
      })
      response.end(JSON.stringify({ error: { code: `Bad ${graphToken}`, message } }))
    }).listen(0, '127.0.0.1')
    await once(graph, 'listening')
  })

  afterEach(() => {
    graph.closeAllConnections()
    graph.close()
  })

  function run(...args: readonly string[]): RunningCli {
    const graphOrigin = `http://127.0.0.1:${(graph.address() as AddressInfo).port}`
    return runCli(
      [
        'serve',
        '--port',
        '0',
        '--poll-interval-ms',
        '50',
        '--drain-ms',
        '1000',
        '--log-level',
        'debug',
        ...args,
      ],
      { GRAPH_TOKEN: graphToken, GRAPH_ORIGIN: graphOrigin },
    )
  }

  test('has a line when it listens, for each connection, for each problem, and when it stops', async () => {
    await using cli = run('--allowed-origin', 'https://app.example.com')
    const { origin } = await listening(cli)
    const webSocketUrl = `${origin.replace('http', 'ws')}/graphql`
    const socket = await openRawSocket(webSocketUrl, { origin: 'https://app.example.com' })
    socket.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { followedOperations { id } }' },
    })
    await socket.receive(({ type }) => type === 'next')
    socket.socket.close(1000)
    await cli.printed(/Connection closed/)
    await fetch(`${origin}/graphql`, { method: 'POST', headers: { Origin: 'https://evil.example' } })
    cli.kill('SIGTERM')
    expect(await cli.ended).toBe(0)
    const lines = linesOf(cli)
    for (const line of lines) expect(Date.parse(line.time)).toBeGreaterThan(0)
    expect(new Set(lines.slice(0, 3).map(({ message }) => message))).toEqual(
      new Set(['There is a token for Microsoft Graph', 'Microsoft Graph answers', 'Listening']),
    )
    expect(lines.slice(3)).toMatchObject([
      {
        level: 'info',
        message: 'Connection closed',
        transport: 'websocket',
        principal: 'anonymous',
        origin: 'https://app.example.com',
        reason: 'left',
        code: 1000,
        subscriptions: 1,
        conflations: 0,
      },
      { level: 'warn', message: 'Turned away', reason: 'origin', origin: 'https://evil.example' },
      { level: 'info', signal: 'SIGTERM' },
      { level: 'info', message: 'Stopped' },
    ])
    expect(cli.output()).not.toContain('followedOperations { id }')
  })

  test('never holds a token, whatever is sent and whatever goes wrong', async () => {
    await using cli = run()
    const { origin } = await listening(cli)
    const url = `${origin}/graphql`
    const authorization = `Bearer ${clientToken}`
    const query = `{ teamsAsyncOperation(ref: { location: ${JSON.stringify(location)} }) { id } }`
    const post = (headers: object, body: string): Promise<Response> =>
      fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body })

    await post({ authorization }, JSON.stringify({ query }))
    await post({ authorization }, JSON.stringify({ query, variables: { token: clientToken } }))
    await post({ authorization, Origin: `https://${clientToken}.example` }, JSON.stringify({ query }))
    await post({ authorization }, `{"query": "${clientToken}`)
    await post({ authorization }, JSON.stringify({ query: clientToken }))
    await fetch(`${url}?access_token=${clientToken}&query=${encodeURIComponent(query)}`)
    await fetch(`${origin}/${clientToken}`)
    for (const message of [
      { type: 'connection_init', payload: { authorization } },
      { id: clientToken, type: 'subscribe', payload: { query: `subscription { ${clientToken} }` } },
      { type: 'ping', payload: { authorization } },
      { type: authorization },
    ]) {
      const socket = await openRawSocket(url.replace('http', 'ws'))
      socket.send(message)
      await new Promise((resolve) => setTimeout(resolve, 100))
      socket.socket.close(4_999, clientToken.slice(0, 120))
      await socket.closed()
    }
    cli.kill('SIGTERM')
    expect(await cli.ended).toBe(0)
    expect(linesOf(cli).filter(({ message }) => message === 'Connection closed')).toHaveLength(4)
    for (const secret of [graphToken, clientToken, 'cccccccc', 'dddddddd', authorization]) {
      expect(cli.output()).not.toContain(secret)
    }
  })

  test('tells why checks fail: what Graph refuses, and for how long it asked for a pause', async () => {
    await using cli = run()
    const { origin } = await listening(cli)
    const follow = (): Promise<Response> =>
      fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
        body: JSON.stringify({
          query: `subscription { teamsAsyncOperation(ref: { location: ${JSON.stringify(location)} }) { id } }`,
        }),
      })
    await (await follow()).text()
    await cli.printed(/"level":"error"[^\n]*"code":"unauthenticated","detail":"[^\n]*Graph answered 401/)
    await cli.printed(/"An operation cannot be followed"/)
    status = 403
    await (await follow()).text()
    await cli.printed(/"level":"error"[^\n]*"code":"access-denied"/)
    status = 429
    const stream = await follow()
    await cli.printed(/"code":"throttled"/)
    await cli.printed(/"forMs":1\d\d\d,"message":"Nothing is sent to Microsoft Graph for a while"/)
    await cli.printed(/"message":"Microsoft Graph may be asked again"/)
    await stream.body?.cancel()
    cli.kill('SIGTERM')
    expect(await cli.ended).toBe(0)
    for (const secret of [graphToken, 'subscription { ']) expect(cli.output()).not.toContain(secret)
  })

  test('tells of nothing below its level', async () => {
    await using cli = run('--log-level', 'error')
    await cli.printed(/Ctrl-C stops it/)
    // As soon as it can be asked to.
    cli.kill('SIGTERM')
    expect(await cli.ended).toBe(0)
    expect(linesOf(cli)).toEqual([])
  })

  test('tells that there is no token, and why, without an end to it', async () => {
    const expired = `eyJhbGciOiJub25lIn0.${Buffer.from('{"exp":1}').toString('base64url')}.`
    await using cli = runCli(['serve', '--port', '0'], { GRAPH_TOKEN: expired })
    const { origin } = await listening(cli)
    expect(linesOf(cli)[0]).toMatchObject({
      level: 'error',
      dependency: 'token',
      error: { message: 'The token has expired' },
    })
    const response = await fetch(`${origin}/readyz`)
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('"token":"failing"')
    expect(cli.output()).not.toContain(expired)
  })
})

describe('the ports of serve', () => {
  test('have the metrics where people try it out, and nowhere else once there is a port for them', async () => {
    await using trying = runCli(['serve', '--simulate', '--port', '0'])
    const open = await listening(trying)
    expect(await (await fetch(`${open.origin}/metrics`)).text()).toContain('teams_operations_followed')

    await using running = runCli(['serve', '--simulate', '--port', '0', '--admin-port', '0'])
    const { origin: closed, admin } = await listening(running)
    expect((await fetch(`${closed}/metrics`)).status).toBe(404)
    expect((await fetch(`${closed}/healthz`)).status).toBe(200)
    const text = await (await fetch(`${admin}/metrics`)).text()
    expect(text).toContain('teams_operations_ready{check="graph"} 1')
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds')
    expect((await fetch(`${admin}/graphql`)).status).toBe(404)
  })

  test('are refused with a reason when another program has one of them', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    for (const ports of [
      ['--port', '0', '--admin-port', String(port)],
      ['--port', String(port), '--admin-port', '0'],
    ]) {
      await using cli = runCli(['serve', '--simulate', ...ports])
      expect(await cli.ended).toBe(1)
      expect(cli.output()).toContain(
        `Expected to listen on 127.0.0.1, port ${port}, but another program does.`,
      )
    }
    other.close()
  })
})
