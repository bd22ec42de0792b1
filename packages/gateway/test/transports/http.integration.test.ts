import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

let served: ServedGateway

beforeAll(async () => {
  served = await serveGateway({ operations: scriptedOperations().client })
})

afterAll(async () => {
  await served[Symbol.asyncDispose]()
})

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => served.url })

  test('has as many audits as there were when it was said that all of them pass', () => {
    expect(audits).toHaveLength(61)
  })

  for (const audit of audits) {
    test(audit.name, async () => {
      const result = await audit.fn()
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok')
    })
  }
})

describe('an HTTP request is refused', () => {
  const query = JSON.stringify({ query: '{ __typename }' })

  /** With `fetch`, which sends no header that browsers keep to themselves, these can't be told lies about. */
  async function statusOf(init: RequestInit & { path?: string }): Promise<number> {
    const response = await fetch(`${served.origin}${init.path ?? '/graphql'}`, {
      method: 'POST',
      body: query,
      ...init,
    })
    await response.body?.cancel()
    return response.status
  }
  const json = { 'Content-Type': 'application/json' }

  test('from the page of another site', async () => {
    expect(await statusOf({ headers: { ...json, Origin: 'https://evil.example' } })).toBe(403)
    expect(await statusOf({ headers: { ...json, Origin: 'null' } })).toBe(403)
    expect(await statusOf({ headers: { ...json, Origin: served.origin } })).toBe(200)
  })

  test('when its body is anything but JSON, which a form of another site could send', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
    ]) {
      expect(await statusOf({ headers: { 'Content-Type': type } })).toBe(415)
    }
  })

  test.each([
    ['Host', 'GET', 'a b'],
    ['Host', 'GET', '['],
    ['method', 'TRACE', 'localhost'],
  ])('when its %s can be none, without a word: %s %s', async (_, method, host) => {
    const { port } = new URL(served.origin)
    const asked = request({
      host: '127.0.0.1',
      port,
      path: '/graphql',
      method,
      headers: { Host: host },
    }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(400)
    expect((await response.toArray()).join('')).toBe('')
    expect(served.unexpected).toEqual([])
  })

  test('when its body is larger than 64 kB, announced or not', async () => {
    const body = JSON.stringify({ query: `{ __typename } #${'x'.repeat(66_000)}` })
    expect(await statusOf({ headers: json, body })).toBe(413)
    const stream = new Blob([body]).stream()
    expect(await statusOf({ headers: json, body: stream, duplex: 'half' } as RequestInit)).toBe(413)
  })

  test('when it asks for several operations at once', async () => {
    expect(await statusOf({ headers: json, body: `[${query},${query}]` })).toBe(400)
  })

  test('when its variables are not JSON, without a word in the log', async () => {
    const path = '/graphql?query={__typename}&variables={'
    expect(await statusOf({ method: 'GET', body: null, path })).toBe(400)
    expect(served.unexpected).toEqual([])
  })

  test('anywhere else', async () => {
    for (const path of [
      '/',
      '/graphql/',
      '/foo/graphql',
      '/health',
      '/graphql/health',
      '/graphql/graphiql/../x',
    ]) {
      expect(await statusOf({ path, headers: json })).toBe(404)
    }
  })
})

describe('CORS', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'POST' },
  }

  test('is off by default', async () => {
    const response = await fetch(served.url, preflight)
    expect(response.status).toBe(403)
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('is for the origins that are allowed, by name and without credentials', async () => {
    const open = await serveGateway({
      operations: scriptedOperations().client,
      allowedOrigins: ['https://app.example.com', 'https://other.example.com'],
    })
    const { headers } = await fetch(open.url, preflight)
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    const answered = await open.post({ query: '{ __typename }' }, { Origin: 'https://app.example.com' })
    expect(answered.status).toBe(200)
    expect(answered.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    const foreign = await fetch(open.url, {
      ...preflight,
      headers: { ...preflight.headers, Origin: 'https://evil.example' },
    })
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
    await open[Symbol.asyncDispose]()
  })
})

test('a gateway that stops answers 503, and when to try again', async () => {
  const stopping = await serveGateway({ operations: scriptedOperations().client })
  await stopping.gateway.drain()
  const response = await stopping.post({ query: '{ __typename }' })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  await stopping[Symbol.asyncDispose]()
})
