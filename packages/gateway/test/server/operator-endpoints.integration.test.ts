import { createOperationsClient, fixedToken } from '@teams-operations/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { request } from 'node:http'
import { GatewayCounts } from '../../src/observability/gateway-counts.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { startHttpServer, type HttpServer } from '../../src/server/http-server.ts'
import {
  firstOf,
  healthEndpoints,
  metricsEndpoint,
  onlyThese,
  type MetricsText,
} from '../../src/server/operator-endpoints.ts'
import type { Condition } from '../../src/server/outcomes.ts'
import { createReadiness, type Readiness } from '../../src/server/readiness.ts'

let conditions: Record<string, Condition>
let readiness: Readiness
let metrics: MetricsText
let strict: HttpServer
let lenient: HttpServer

beforeEach(async () => {
  conditions = { token: 'good', graph: 'good' }
  readiness = createReadiness(() => conditions)
  const counts = new GatewayCounts()
  const operations = createOperationsClient({ credential: fixedToken('unused') })
  metrics = createMetrics({ operations: () => operations.stats(), gateway: () => counts.read() })
  const serve = (onlyByLoopbackName: boolean): Promise<HttpServer> => {
    const source: MetricsText = {
      contentType: metrics.contentType,
      metrics: () => metrics.metrics(),
    }
    return startHttpServer(
      onlyThese(
        firstOf(healthEndpoints({ readiness }), metricsEndpoint({ metrics: source }, { onlyByLoopbackName })),
      ),
      { host: '127.0.0.1', port: 0 },
    )
  }
  strict = await serve(true)
  lenient = await serve(false)
})

afterEach(async () => {
  await Promise.all([strict.close(0), lenient.close(0)])
})

interface Asked {
  readonly status: number | undefined
  readonly headers: Record<string, unknown>
  readonly body: string
}

/** Unlike `fetch`, it lets one say who is asked. */
function ask({ origin }: HttpServer, path: string, headers = {}, method = 'GET'): Promise<Asked> {
  return new Promise((resolve, reject) => {
    request(`${origin}${path}`, { method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
      .on('error', reject)
      .end()
  })
}

describe('/healthz and /readyz', () => {
  test('say that all is well', async () => {
    expect(await ask(strict, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' })
    const { status, body, headers } = await ask(strict, '/readyz?verbose')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({ ready: true, checks: { serving: 'ok', token: 'ok', graph: 'ok' } })
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' })
  })

  test('say what fails but not why, and that the process is well nevertheless', async () => {
    conditions['graph'] = 'bad'
    const { status, body } = await ask(strict, '/readyz')
    expect(status).toBe(503)
    expect(JSON.parse(body)).toEqual({
      ready: false,
      checks: { serving: 'ok', token: 'ok', graph: 'failing' },
    })
    readiness.stop()
    expect((await ask(strict, '/readyz')).body).toContain('"serving":"stopping"')
    expect(await ask(strict, '/healthz')).toMatchObject({ status: 200 })
  })

  test('answer whatever name the probe knows the gateway by', async () => {
    for (const path of ['/healthz', '/readyz']) {
      expect(await ask(strict, path, { Host: '10.1.2.3:4000' })).toMatchObject({ status: 200 })
      expect(await ask(strict, path, {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
    }
  })

  test.each(['POST', 'DELETE', 'OPTIONS'])('refuse %s', async (method) => {
    expect(await ask(strict, '/readyz', {}, method)).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
  })
})

describe('/metrics', () => {
  test('are what Prometheus reads', async () => {
    const { status, headers, body } = await ask(strict, '/metrics')
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(body).toContain('# TYPE teams_operations_followed gauge')
  })

  test('are not for pages, nor for names that a name server could lend', async () => {
    for (const headers of [
      { Origin: 'https://evil.example' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ]) {
      const { status, body } = await ask(strict, '/metrics', headers)
      expect({ status, body }).toEqual({ status: 403, body: 'The metrics are not for pages in a browser.\n' })
    }
    const foreign = await ask(strict, '/metrics', { Host: 'rebound.example' })
    expect(foreign.status).toBe(403)
    expect(foreign.body).toContain('Expected a name of this machine')
    expect(await ask(strict, '/metrics', { Host: 'localhost:9464' })).toMatchObject({ status: 200 })
    expect(await ask(lenient, '/metrics', { Host: 'gateway.internal:9464' })).toMatchObject({ status: 200 })
    expect(await ask(lenient, '/metrics', { Origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  })

  test('that cannot be read break off the answer, and nothing else', async () => {
    metrics = { contentType: 'text/plain', metrics: () => Promise.reject(new Error('no')) }
    await expect(ask(strict, '/metrics')).rejects.toThrow('socket hang up')
    expect(await ask(strict, '/healthz')).toMatchObject({ status: 200 })
  })
})

test('there is nothing else', async () => {
  for (const path of ['/', '/graphql', '/healthz/', '/x/healthz', '//healthz', '/constructor']) {
    expect(await ask(strict, path)).toMatchObject({ status: 404 })
  }
})
