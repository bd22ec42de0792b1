import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify from 'fastify'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createGateway, type Gateway } from '../src/gateway.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from './scripted-operations.ts'

const path = '/internal/operations'
const query = `subscription { teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { status } }`

/** A server that is there already, with the gateway mounted into it. */
interface Host extends AsyncDisposable {
  readonly server: Server
}

/** Upgrades go to whom their path is of: the gateway, or a chat that echoes. */
function routeUpgrades(gateway: Gateway): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const chat = new WebSocketServer({ noServer: true })
  chat.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  return (request, socket, head) => {
    const [pathname] = request.url?.split('?', 1) ?? []
    if (pathname === path) return gateway.handleUpgrade(request, socket, head)
    if (pathname !== '/chat') return socket.destroy()
    chat.handleUpgrade(request, socket, head, (upgraded) => chat.emit('connection', upgraded, request))
  }
}

const mounts: Record<string, (gateway: Gateway) => Promise<Host>> = {
  async 'node:http'(gateway) {
    const server = createServer((request, response) => {
      const [pathname = ''] = request.url?.split('?', 1) ?? []
      if (`${pathname}/`.startsWith(`${path}/`)) gateway.handleRequest(request, response)
      else if (pathname === '/hello') response.end('hello')
      else if (pathname === '/echo') request.pipe(response)
      else response.writeHead(404).end()
    })
    server.on('upgrade', routeUpgrades(gateway))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      server,
      async [Symbol.asyncDispose]() {
        server.close()
        server.closeAllConnections()
      },
    }
  },

  async Fastify(gateway) {
    const app = fastify()
    app.get('/hello', (_request, reply) => reply.send('hello'))
    app.post('/echo', (request, reply) => reply.send(request.body))
    await app.register(async (scope) => {
      // The gateway reads the body itself.
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      for (const url of [path, `${path}/*`]) {
        scope.all(url, (request, reply) => {
          reply.hijack()
          gateway.handleRequest(request.raw, reply.raw)
        })
      }
    })
    app.server.on('upgrade', routeUpgrades(gateway))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      server: app.server,
      async [Symbol.asyncDispose]() {
        app.server.closeAllConnections()
        await app.close()
      },
    }
  },
}

describe.each(Object.entries(mounts))('mounted into %s', (_, mount) => {
  let operations: ScriptedOperations
  let gateway: Gateway
  let host: Host
  let origin: string

  beforeEach(async () => {
    operations = scriptedOperations()
    operations.find(locationOf(1))
    gateway = createGateway({ operations: operations.client, path })
    host = await mount(gateway)
    origin = `http://127.0.0.1:${(host.server.address() as AddressInfo).port}`
  })

  afterEach(async () => {
    await gateway.drain()
    await host[Symbol.asyncDispose]()
  })

  const statuses = async (results: AsyncIterable<object>): Promise<readonly unknown[]> => {
    const seen: unknown[] = []
    for await (const result of results) {
      seen.push(
        (result as { data: { teamsAsyncOperation: { status: string } } }).data.teamsAsyncOperation.status,
      )
      if (seen.length === 1) operations.find(locationOf(1), { status: 'succeeded' })
    }
    return seen
  }

  test('it answers queries at its path', async () => {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: '{ followedOperations { status } }' }),
    })
    expect(await response.json()).toEqual({ data: { followedOperations: [{ status: 'IN_PROGRESS' }] } })
  })

  test('subscriptions come over WebSocket', async () => {
    const url = (origin + path).replace('http', 'ws')
    const client = createWebSocketClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 })
    expect(await statuses(client.iterate({ query }))).toEqual(['IN_PROGRESS', 'SUCCEEDED'])
    await client.dispose()
  })

  test.each([true, false])('and as server-sent events, with a single connection: %s', async (single) => {
    const options = { url: origin + path, retryAttempts: 0 }
    const client = single
      ? createSseClient({ ...options, singleConnection: true })
      : createSseClient({ ...options, singleConnection: false })
    expect(await statuses(client.iterate({ query }))).toEqual(['IN_PROGRESS', 'SUCCEEDED'])
    client.dispose()
  })

  test('a subscriber that leaves is gone at once', async () => {
    const leaving = new AbortController()
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
      signal: leaving.signal,
    })
    expect(response.status).toBe(200)
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(1))
    leaving.abort()
    await vi.waitFor(() => expect(operations.watchers(locationOf(1))).toBe(0))
  })

  test('GraphiQL is there, with its files', async () => {
    const page = await fetch(origin + path, { headers: { Accept: 'text/html' } })
    const html = await page.text()
    const [, script = ''] = /<script src="([^"]+)"/.exec(html) ?? []
    expect(script).toMatch(new RegExp(`^${path}/`))
    const file = await fetch(origin + script, { method: 'GET' })
    expect(file.status).toBe(200)
    expect(file.headers.get('content-type')).toMatch('text/javascript')
    await file.body?.cancel()
  })

  test('what was there before is as it was', async () => {
    expect(await (await fetch(`${origin}/hello`)).text()).toBe('hello')
    const echoed = await fetch(`${origin}/echo`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a":1}',
    })
    expect(await echoed.text()).toBe('{"a":1}')
    expect((await fetch(`${origin}/graphql`)).status).toBe(404)
    const chat = new WebSocket(`${origin.replace('http', 'ws')}/chat`)
    await once(chat, 'open')
    chat.send('hi')
    const [data] = (await once(chat, 'message')) as [Buffer]
    expect(data.toString()).toBe('hi')
    chat.terminate()
  })

  test('it stops by itself: the server goes on', async () => {
    const socket = new WebSocket((origin + path).replace('http', 'ws'), 'graphql-transport-ws')
    const chat = new WebSocket(`${origin.replace('http', 'ws')}/chat`)
    await Promise.all([once(socket, 'open'), once(chat, 'open')])
    const closed = once(socket, 'close')
    await gateway.drain()
    expect((await closed)[0]).toBe(1012)
    expect((await fetch(origin + path)).status).toBe(503)
    expect(await (await fetch(`${origin}/hello`)).text()).toBe('hello')
    expect(chat.readyState).toBe(chat.OPEN)
    chat.terminate()
  })
})
