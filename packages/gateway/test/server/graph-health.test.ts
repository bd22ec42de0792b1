import type { AccessToken, GraphRequest, GraphResponse } from '@teams-operations/core'
import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { watchGraph, type GraphHealth } from '../../src/server/graph-health.ts'

let clock: VirtualClock
let health: GraphHealth
/** What the next of each answers. */
let answerToken: (signal: AbortSignal | undefined) => Promise<AccessToken | null>
let answerGraph: (signal: AbortSignal) => Promise<GraphResponse>
let tokensAsked: { scope: string | string[]; enableCae: boolean | undefined }[]
let requests: GraphRequest[]
let changes: unknown[]

const origin = 'https://graph.example'
const answered = (status: number): Promise<GraphResponse> =>
  Promise.resolve({
    status,
    headers: new Headers({ 'request-id': crypto.randomUUID() }),
    body: status < 400 ? '{}' : '{"error":{"code":"SomeCode","message":"What Graph says."}}',
  })
const inAnHour = async (): Promise<AccessToken> => ({
  token: 'token',
  expiresOnTimestamp: clock.now() + 3_600_000,
})
const fails = (): Promise<never> => Promise.reject(new Error('refused'))

function start({ hasCredential = true } = {}): void {
  health = watchGraph({
    origin,
    clock,
    credential: hasCredential
      ? {
          getToken(scope, { abortSignal, enableCae } = {}) {
            tokensAsked.push({ scope, enableCae })
            return answerToken(abortSignal)
          },
        }
      : undefined,
    transport: {
      send(request, signal) {
        requests.push(request)
        return answerGraph(signal)
      },
    },
    onChange: (dependency, condition, reason) =>
      changes.push([dependency, condition, reason instanceof Error ? reason.message : reason]),
  })
}

beforeEach(() => {
  clock = createVirtualClock()
  tokensAsked = []
  requests = []
  changes = []
  answerToken = inAnHour
  answerGraph = () => answered(200)
})

afterEach(() => {
  health[Symbol.dispose]()
  expect(clock.pendingTimers).toBe(0)
})

/** As the client sends its checks. */
function check(): Promise<unknown> {
  const request = { method: 'GET', url: `${origin}/v1.0/teams`, headers: {} } as const
  return health.transport.send(request, new AbortController().signal).catch(() => {})
}

describe('whether Graph is there', () => {
  test('is found out at the start, with a token and without spending any quota', async () => {
    start()
    expect(health.read()).toEqual({ token: 'unknown', graph: 'unknown' })
    await clock.advance(0)
    expect(health.read()).toEqual({ token: 'good', graph: 'good' })
    expect(tokensAsked).toEqual([{ scope: `${origin}/.default`, enableCae: true }])
    expect(requests).toMatchObject([{ method: 'GET', url: `${origin}/v1.0/` }])
    // No token, so no app whose quota it could be; and no operation.
    expect(Object.keys(requests[0]?.headers ?? {}).map((name) => name.toLowerCase())).not.toContain(
      'authorization',
    )
    expect(changes).toEqual([
      ['token', 'good', undefined],
      ['graph', 'good', undefined],
    ])
  })

  test('is not asked while the client hears from it anyway', async () => {
    start()
    await clock.advance(0)
    for (let i = 0; i < 20; i++) {
      await clock.advance(30_000)
      await check()
    }
    expect(requests.filter(({ url }) => url === `${origin}/v1.0/`)).toHaveLength(1)
  })

  test('is asked once in a minute or two when the client has nothing to ask', async () => {
    start()
    await clock.advance(3_600_000)
    expect(requests.length).toBeGreaterThan(20)
    expect(requests.length).toBeLessThanOrEqual(61)
    expect(tokensAsked.length).toBeLessThanOrEqual(61)
  })

  test.each([400, 401, 403, 404, 429])('is yes after an answer of %i', async (status) => {
    answerGraph = () => answered(status)
    start()
    await clock.advance(0)
    expect(health.read().graph).toBe('good')
  })

  test.each<[string, GraphResponse]>([
    ['says who it is by nothing', { status: 200, headers: new Headers(), body: '{}' }],
    [
      'refuses without a request-id',
      { status: 404, headers: new Headers(), body: '{"error":{"code":"NotFound"}}' },
    ],
    [
      'refuses without an error of Graph',
      { status: 404, headers: new Headers({ 'request-id': '1' }), body: '<html>Not found</html>' },
    ],
  ])('is no where something else answers, that %s', async (_, response) => {
    answerGraph = () => Promise.resolve(response)
    start()
    await clock.advance(0)
    expect(health.read().graph).toBe('bad')
    expect(changes).toContainEqual([
      'graph',
      'bad',
      `Something that is not Graph answered ${response.status}`,
    ])
  })

  test('is no at once where it never was', async () => {
    answerGraph = fails
    answerToken = fails
    start()
    await clock.advance(0)
    expect(health.read()).toEqual({ token: 'bad', graph: 'bad' })
    expect(changes).toEqual([
      ['token', 'bad', 'refused'],
      ['graph', 'bad', 'refused'],
    ])
  })

  test.each<[string, () => Promise<GraphResponse>, string]>([
    ['broken connections', fails, 'refused'],
    ['answers of 503', () => answered(503), 'Graph answered 503'],
  ])('outlives %s for a minute, and is yes again after one answer', async (_, failure, reason) => {
    start()
    await clock.advance(0)
    answerGraph = failure
    for (let i = 0; i < 4; i++) {
      await check()
      expect(health.read().graph).toBe('good')
      await clock.advance(14_000)
    }
    await clock.advance(5_000)
    await check()
    expect(health.read().graph).toBe('bad')
    expect(changes.slice(2)).toEqual([['graph', 'bad', reason]])
    answerGraph = () => answered(200)
    await check()
    expect(health.read().graph).toBe('good')
  })

  test('is found out again by itself when nobody asks any more, because it was no', async () => {
    answerGraph = fails
    answerToken = fails
    start()
    await clock.advance(600_000)
    answerGraph = () => answered(200)
    answerToken = inAnHour
    await clock.advance(30_000)
    expect(health.read()).toEqual({ token: 'good', graph: 'good' })
  })

  test('is no when nothing answers', async () => {
    answerGraph = (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    answerToken = () => new Promise(() => {})
    start()
    await clock.advance(30_000)
    expect(health.read()).toEqual({ token: 'bad', graph: 'bad' })
    // Who does not even heed that nobody waits any more is not asked more and more often.
    await clock.advance(600_000)
    expect(tokensAsked).toHaveLength(1)
  })

  test('is not told by a request that its client gave up', async () => {
    start()
    await clock.advance(0)
    answerGraph = (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    for (let i = 0; i < 100; i++) {
      const leaving = new AbortController()
      const sent = health.transport.send({ method: 'GET', url: origin, headers: {} }, leaving.signal)
      await clock.advance(1_000)
      leaving.abort()
      await expect(sent).rejects.toThrow('aborted')
    }
    expect(health.read().graph).toBe('good')
  })
})

describe('whether there is a token', () => {
  test('is yes as long as the last one is good, whatever happens to the next', async () => {
    start()
    await clock.advance(0)
    answerToken = fails
    await clock.advance(3_500_000)
    expect(health.read().token).toBe('good')
    await clock.advance(300_000)
    expect(health.read().token).toBe('bad')
  })

  test.each<[string, () => Promise<AccessToken | null>]>([
    ['none', async () => null],
    ['one that has expired', async () => ({ token: 'token', expiresOnTimestamp: clock.now() - 1 })],
  ])('is no when the credential gives %s', async (_, answer) => {
    answerToken = answer
    start()
    await clock.advance(0)
    expect(health.read().token).toBe('bad')
  })

  test('is what the client learns as well', async () => {
    answerToken = fails
    start()
    await clock.advance(0)
    answerToken = inAnHour
    await health.credential?.getToken('scope')
    expect(health.read().token).toBe('good')
  })

  test('does not matter where the gateway acts on behalf of users', async () => {
    start({ hasCredential: false })
    await clock.advance(3_600_000)
    expect(health.credential).toBeUndefined()
    expect(health.read()).toEqual({ graph: 'good' })
    expect(tokensAsked).toEqual([])
  })
})
