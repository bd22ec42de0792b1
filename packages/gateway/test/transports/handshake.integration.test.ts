import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bearerToken } from '../../src/access/bearer-token.ts'
import { openRawSocket } from '../raw-socket.ts'
import { scriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const app = 'https://app.example.com'
const authorization = 'Bearer ada'
const query = '{ __typename }'

let served: ServedGateway

beforeEach(async () => {
  served = await serveGateway({
    operations: scriptedOperations().client,
    allowedHosts: ['gateway.example.com'],
    allowedOrigins: [app],
    auth: {
      authenticator: {
        authenticate: async (credentials) => ({ id: bearerToken(credentials), accessClass: 'everybody' }),
      },
    },
  })
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

/** 101, or the status that it was refused with instead. */
async function upgradeStatus(
  headers: Record<string, string>,
  protocol = 'graphql-transport-ws',
): Promise<number> {
  const socket = new WebSocket(served.webSocketUrl, protocol, { headers })
  socket.on('error', () => {})
  const [, response] = (await Promise.race([
    once(socket, 'unexpected-response'),
    once(socket, 'open').then(() => [undefined, { statusCode: 101 }]),
  ])) as [unknown, { statusCode: number }]
  socket.terminate()
  return response.statusCode
}

describe('a page of another site', () => {
  test.each([
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.example',
    'https://evil.example/app.example.com',
    'https://sub.app.example.com',
    'HTTPS://APP.EXAMPLE.COM',
    'null',
  ])('opens no WebSocket and asks nothing, with a good token either: %s', async (origin) => {
    expect(await upgradeStatus({ Origin: origin, Authorization: authorization })).toBe(403)
    const response = await served.post({ query }, { Origin: origin, Authorization: authorization })
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('opens one if it is allowed, and still has to say whose it is', async () => {
    expect(await upgradeStatus({ Origin: app })).toBe(101)
    const options = { headers: { Origin: app } }
    const socket = await openRawSocket(served.webSocketUrl, options, { authorization })
    socket.socket.terminate()
    await expect(openRawSocket(served.webSocketUrl, options)).rejects.toThrow('Closed with 4401')
  })
})

test('a program, which sends no origin, has its token to show', async () => {
  const socket = await openRawSocket(served.webSocketUrl, {}, { authorization })
  socket.socket.terminate()
  await expect(openRawSocket(served.webSocketUrl)).rejects.toThrow('Closed with 4401')
})

test('the gateway is reached by the names that are allowed, and no other', async () => {
  expect(await upgradeStatus({ Host: 'gateway.example.com' })).toBe(101)
  expect(await upgradeStatus({ Host: 'gateway.example.com', Origin: 'https://gateway.example.com' })).toBe(
    101,
  )
  expect(await upgradeStatus({ Host: 'evil.example' })).toBe(403)
  expect(await upgradeStatus({ Host: 'evil.example', Origin: 'http://evil.example' })).toBe(403)
})

test('the protocol before this one, which let subscriptions begin without connection_init, is not spoken', async () => {
  expect(await upgradeStatus({}, 'graphql-ws')).toBe(400)
  expect(await upgradeStatus({}, 'subscriptions-transport-ws')).toBe(400)
})

describe('CORS', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: {
      Origin: app,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  }

  test('lets an allowed page send a token, without one itself, and nothing else', async () => {
    const { status, headers } = await fetch(served.url, preflight)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(app)
    expect(headers.get('access-control-allow-headers')).toContain('authorization')
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, DELETE')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  test('lets it read why it was refused', async () => {
    const refused = await served.post({ query }, { Origin: app })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(app)
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })
})

test('no cache keeps an answer, or gives that of one origin to another', async () => {
  for (const headers of [
    {},
    { Origin: app },
    { Origin: 'https://evil.example' },
    { Authorization: authorization },
  ]) {
    const response = await fetch(`${served.url}?${new URLSearchParams({ query })}`, { headers })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('vary')).toContain('Origin')
  }
})

test('other sites can cause nothing by what browsers send without asking first', async () => {
  const simple = [
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'multipart/form-data; boundary=x' },
  ]
  for (const headers of simple) {
    const response = await fetch(served.url, {
      method: 'POST',
      headers: { ...headers, Authorization: authorization },
      body: JSON.stringify({ query }),
    })
    expect(response.status).toBe(415)
  }
  for (const site of ['cross-site', 'same-site']) {
    const headers = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'no-cors', Authorization: authorization }
    const response = await fetch(`${served.url}?${new URLSearchParams({ query })}`, { headers })
    expect(response.status).toBe(403)
  }
})

test('who is refused is let go of, whether or not they hang up as well', async () => {
  const { hostname, port, host } = new URL(served.origin)
  const refused = Array.from({ length: 20 }, () =>
    connect({ port: Number(port), host: hostname, allowHalfOpen: true }),
  )
  for (const socket of refused) {
    socket.on('error', () => {})
    socket.resume()
    socket.write(
      `GET /nowhere HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
  }
  // What is sent to a socket that is gone is answered with a reset.
  await Promise.all(
    refused.map(async (socket) => {
      await once(socket, 'end')
      await vi.waitFor(() => {
        if (!socket.destroyed) socket.write('x')
        expect(socket.destroyed).toBe(true)
      })
    }),
  )
})
