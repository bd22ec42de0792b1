import { createVirtualClock } from '@teams-operations/core/testing'
import { describe, expect, it, vi } from 'vitest'
import { createGraphConnection } from '../../src/graph/graph-connection.ts'
import type { GraphRequest } from '../../src/graph/transport.ts'
import { CHAT, chatRef, connect, operationBody, ORIGIN, TEAM, teamRef } from './connect.ts'
import { scriptedCredential } from './scripted-credential.ts'
import { scriptedTransport, type ScriptedResponse } from './scripted-transport.ts'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

interface SentItem {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

function sentItems(request: GraphRequest | undefined): readonly SentItem[] {
  return (JSON.parse(request?.body ?? '{}') as { requests: SentItem[] }).requests
}

function batchOf(...responses: readonly Readonly<Record<string, unknown>>[]): ScriptedResponse {
  return {
    headers: { 'request-id': 'envelope' },
    body: { responses: responses.map((response, index) => ({ id: String(index + 1), ...response })) },
  }
}

describe('reading one operation', () => {
  it('gets its location below v1.0, with the headers that Graph needs', async () => {
    const { graph, requests, signal } = connect([
      { headers: { 'request-id': 'r1' }, body: operationBody({ status: 'succeeded', Value: '{}' }) },
    ])

    const answers = await graph.read([teamRef()], signal)

    expect(requests).toEqual([
      {
        method: 'GET',
        url: `${ORIGIN}/v1.0/teams('${TEAM}')/operations('22222222-2222-4222-8222-000000000001')`,
        headers: {
          Accept: 'application/json',
          Authorization: 'Bearer token-1',
          Prefer: 'include-unknown-enum-members',
          'client-request-id': expect.stringMatching(GUID),
        },
      },
    ])
    expect(answers).toEqual([
      { kind: 'operation', requestId: 'r1', operation: operationBody({ status: 'succeeded', Value: '{}' }) },
    ])
  })

  it('gets an operation of a chat below beta, with its id encoded', async () => {
    const { graph, requests, signal } = connect([{ body: operationBody() }])

    await graph.read([chatRef()], signal)

    expect(requests[0]?.url).toBe(`${ORIGIN}/beta/chats('19%3Ac1d2%40thread.v2')/operations('a-b-c')`)
    expect(decodeURIComponent(requests[0]?.url ?? '')).toContain(CHAT)
  })

  it('gives every request another client-request-id', async () => {
    const { graph, requests, signal } = connect([{}, {}])

    await graph.read([teamRef()], signal)
    await graph.read([teamRef()], signal)

    expect(new Set(requests.map(({ headers }) => headers['client-request-id'])).size).toBe(2)
  })

  it.each([200, 201, 202, 203, 206])('takes the status from the body of a %d', async (status) => {
    const { graph, signal } = connect([{ status, body: operationBody({ status: 'notStarted' }) }])

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([
      { kind: 'operation', operation: { status: 'notStarted' } },
    ])
  })

  it.each(['', '{', 'null', '[]', '{}', '<html>', { ...operationBody(), status: 7 }])(
    'says of a 200 with the body %j why it is unusable',
    async (body) => {
      const { graph, signal } = connect([{ headers: { 'request-id': 'r1' }, body }])

      await expect(graph.read([teamRef()], signal)).resolves.toEqual([
        { kind: 'unusable', reason: expect.stringMatching(/^expected .+, got .+/), requestId: 'r1' },
      ])
    },
  )

  it('says of a refusal what Graph said', async () => {
    const { graph, signal } = connect([
      {
        status: 503,
        headers: { 'Retry-After': '2.128' },
        body: { error: { code: 'ServiceUnavailable', message: 'later', innerError: { 'request-id': 'r1' } } },
      },
    ])

    await expect(graph.read([teamRef()], signal)).resolves.toEqual([
      {
        kind: 'refused',
        status: 503,
        code: 'ServiceUnavailable',
        message: 'later',
        requestId: 'r1',
        retryAfterMs: 2_128,
        claims: undefined,
      },
    ])
  })

  it('counts a date in Retry-After from the clock of the server', async () => {
    const { graph, signal } = connect([
      {
        status: 429,
        headers: { Date: 'Sat, 03 Jan 2026 00:00:00 GMT', 'Retry-After': 'Sat, 03 Jan 2026 00:00:10 GMT' },
      },
    ])

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([{ retryAfterMs: 10_000 }])
  })

  it('counts it from its own clock when the server does not tell the time', async () => {
    const headers = { 'Retry-After': 'Thu, 01 Jan 2026 00:00:10 GMT' }
    const { graph, signal } = connect([{ status: 429, headers }])

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([{ retryAfterMs: 10_000 }])
  })

  it('follows no redirect', async () => {
    const { graph, requests, signal } = connect([
      { status: 302, headers: { Location: 'https://evil.example' } },
    ])

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([{ kind: 'refused', status: 302 }])
    expect(requests).toHaveLength(1)
  })

  it('answers a 401 with no second check, and with a fresh token and the claims the next time', async () => {
    const claims = '{"access_token":{"nbf":{"essential":true}}}'
    const challenge = `Bearer realm="", error="insufficient_claims", claims="${btoa(claims)}"`
    const credential = scriptedCredential()
    const { graph, requests, signal } = connect(
      [{ status: 401, headers: { 'WWW-Authenticate': challenge } }, { body: operationBody() }],
      credential,
    )

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([
      { kind: 'refused', status: 401, claims },
    ])
    expect(requests).toHaveLength(1)

    await graph.read([teamRef()], signal)
    expect(requests[1]?.headers.Authorization).toBe('Bearer token-2')
    expect(credential.asked[1]?.options?.claims).toBe(claims)
  })

  it('answers a 403 with the same token the next time', async () => {
    const { graph, requests, signal } = connect([{ status: 403 }, {}])

    await graph.read([teamRef()], signal)
    await graph.read([teamRef()], signal)

    expect(requests.map(({ headers }) => headers.Authorization)).toEqual(['Bearer token-1', 'Bearer token-1'])
  })
})

describe('reading many operations', () => {
  it('puts them into one batch, each with its own headers', async () => {
    const { graph, requests, signal } = connect([batchOf()])

    await graph.read([teamRef(1), teamRef(2)], signal)

    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: `${ORIGIN}/v1.0/$batch`,
        headers: {
          Accept: 'application/json',
          Authorization: 'Bearer token-1',
          'Content-Type': 'application/json',
          Prefer: 'include-unknown-enum-members',
        },
      },
    ])
    const items = sentItems(requests[0])
    expect(items).toMatchObject([
      { method: 'GET', url: teamRef(1).location, headers: { Prefer: 'include-unknown-enum-members' } },
      { method: 'GET', url: teamRef(2).location, headers: { Accept: 'application/json' } },
    ])
    const ids = [requests[0]?.headers, ...items.map(({ headers }) => headers)].map(
      (headers) => headers?.['client-request-id'],
    )
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(GUID)
  })

  it('does not put the token into the items', async () => {
    const { graph, requests, signal } = connect([batchOf()])

    await graph.read([teamRef(1), teamRef(2)], signal)

    expect(requests[0]?.body).not.toContain('token-1')
  })

  it('sends batches of chats to beta', async () => {
    const { graph, requests, signal } = connect([batchOf()])

    await graph.read([chatRef(), chatRef()], signal)

    expect(requests[0]?.url).toBe(`${ORIGIN}/beta/$batch`)
    expect(sentItems(requests[0])[0]?.url).toBe("/chats('19%3Ac1d2%40thread.v2')/operations('a-b-c')")
  })

  it('answers in the order of the operations, each on its own', async () => {
    const { graph, signal } = connect([
      {
        headers: { 'request-id': 'envelope' },
        body: {
          responses: [
            { id: '4', status: 200, body: { odd: true } },
            { id: '2', status: 429, headers: { 'retry-after': '7', 'request-id': 'two' } },
            { id: '1', status: 200, body: operationBody({ status: 'failed' }) },
          ],
        },
      },
    ])

    await expect(graph.read([teamRef(1), teamRef(2), teamRef(3), teamRef(4)], signal)).resolves.toMatchObject(
      [
        { kind: 'operation', operation: { status: 'failed' }, requestId: 'envelope' },
        { kind: 'refused', status: 429, retryAfterMs: 7_000, requestId: 'two' },
        { kind: 'unusable', reason: expect.stringContaining('item 3'), requestId: 'envelope' },
        { kind: 'unusable', reason: expect.stringContaining('`id`'), requestId: 'envelope' },
      ],
    )
  })

  it.each([424, 429, 500, 502, 503, 401, 302])(
    'gives all of them the refusal of an envelope: %d',
    async (status) => {
      const { graph, signal } = connect([
        { status, headers: { 'Retry-After': '3' }, body: { error: { code: 'C' } } },
      ])

      const refused = { kind: 'refused', status, code: 'C', retryAfterMs: 3_000 }
      await expect(graph.read([teamRef(1), teamRef(2)], signal)).resolves.toMatchObject([refused, refused])
    },
  )

  it.each(['', '{"responses":', { value: [] }, 'text'])(
    'takes the envelope %j for none of them',
    async (body) => {
      const { graph, signal } = connect([{ body }])

      await expect(graph.read([teamRef(1), teamRef(2)], signal)).resolves.toMatchObject([
        { kind: 'unusable' },
        { kind: 'unusable' },
      ])
    },
  )

  it.each([
    ['an item', batchOf({ status: 200 }, { status: 401 })],
    ['the envelope', { status: 401 }],
  ])('drops the token that %s was refused with', async (_, response) => {
    const { graph, requests, signal } = connect([response, {}])

    await graph.read([teamRef(1), teamRef(2)], signal)
    await graph.read([teamRef(1)], signal)

    expect(requests.map(({ headers }) => headers.Authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('takes 20, and no more', async () => {
    const { graph, requests, signal } = connect([batchOf()])
    const refs = Array.from({ length: 21 }, (_, index) => teamRef(index))

    await expect(graph.read(refs.slice(1), signal)).resolves.toHaveLength(20)
    await expect(graph.read(refs, signal)).rejects.toThrow(
      new RangeError('Expected up to 20 operations of one version of Graph in one request, got 21 of v1.0'),
    )
    expect(requests).toHaveLength(1)
  })

  it('does not mix the versions', async () => {
    const { graph, requests, signal } = connect([])

    await expect(graph.read([teamRef(), chatRef()], signal)).rejects.toThrow(/got 2 of v1.0 and beta$/)
    expect(requests).toHaveLength(0)
  })

  it('sends nothing for none', async () => {
    const { graph, requests, signal } = connect([])

    await expect(graph.read([], signal)).resolves.toEqual([])
    expect(requests).toHaveLength(0)
  })
})

describe('reading without an answer', () => {
  it('says that there was no connection', async () => {
    const error = new TypeError('fetch failed')
    const { graph, clock, signal } = connect([error])

    const missing = { kind: 'missing', reason: 'no-connection', error }
    await expect(graph.read([teamRef(1), teamRef(2)], signal)).resolves.toEqual([missing, missing])
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([
    ['rejects', scriptedCredential(new Error('outage'))],
    ['gives null', scriptedCredential(null)],
  ])('says that there was no token when the credential %s, and sends nothing', async (_, credential) => {
    const { graph, requests, signal } = connect([], credential)

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([
      { kind: 'missing', reason: 'no-token' },
    ])
    expect(requests).toHaveLength(0)
  })

  it('says that there was no token when the credential never answers', async () => {
    const { graph, clock, signal } = connect([], scriptedCredential('never'))
    const answers = graph.read([teamRef()], signal)

    await clock.advance(30_000)
    await expect(answers).resolves.toMatchObject([{ kind: 'missing', reason: 'no-token' }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('gives up after 30 seconds, and aborts the request', async () => {
    let aborted: AbortSignal | undefined
    const { graph, clock, signal } = connect([
      (_, requestSignal) => {
        aborted = requestSignal
        return new Promise(() => {})
      },
    ])
    const settled = vi.fn()
    const answers = graph.read([teamRef()], signal).finally(settled)

    await clock.advance(29_999)
    expect(settled).not.toHaveBeenCalled()
    expect(aborted?.aborted).toBe(false)
    await clock.advance(1)
    await expect(answers).resolves.toMatchObject([{ kind: 'missing', reason: 'no-answer' }])
    expect(aborted?.aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it.each<[string, () => ScriptedResponse]>([
    ['answer', () => ({ body: operationBody() })],
    [
      'error',
      () => {
        throw new Error('late')
      },
    ],
  ])('drops a late %s', async (_, settle) => {
    let proceed = (): void => {}
    const { graph, clock, signal } = connect([
      () =>
        new Promise((resolve) => {
          proceed = () => resolve(undefined)
        }).then(settle),
    ])
    const answers = graph.read([teamRef()], signal)
    await clock.advance(30_000)

    proceed()
    await clock.advance(0)
    await expect(answers).resolves.toMatchObject([{ kind: 'missing', reason: 'no-answer' }])
  })

  it('answers at once when the caller gives up, and leaves nothing behind', async () => {
    const { graph, clock, signal, abort } = connect(['never'])
    const answers = graph.read([teamRef()], signal)
    await clock.advance(10)

    abort(new Error('disposed'))
    await expect(answers).resolves.toMatchObject([
      { kind: 'missing', reason: 'no-connection', error: { message: 'disposed' } },
    ])
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
  })

  it('sends nothing when the caller has given up before', async () => {
    const { graph, requests, signal, abort } = connect([])
    abort(new Error('disposed'))

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([{ kind: 'missing' }])
    expect(requests).toHaveLength(0)
  })

  it('takes another timeout', async () => {
    const clock = createVirtualClock()
    const graph = createGraphConnection({
      origin: ORIGIN,
      transport: scriptedTransport('never'),
      credential: scriptedCredential(),
      clock,
      requestTimeoutMs: 50,
    })
    const answers = graph.read([teamRef()], new AbortController().signal)

    await clock.advance(50)
    await expect(answers).resolves.toMatchObject([
      { reason: 'no-answer', error: { message: expect.stringContaining('50 ms') } },
    ])
  })
})

describe('what the envelope of a batch says', () => {
  const refs = [teamRef(1), teamRef(2), teamRef(3)]
  const items = [
    { status: 429, headers: {}, body: {} },
    { status: 429, headers: { 'Retry-After': '300' }, body: {} },
    { status: 200, headers: {}, body: operationBody() },
  ]

  it('holds for its items: a Retry-After that is longer than theirs', async () => {
    const answer = batchOf(...items)
    const { graph, signal } = connect([{ ...answer, headers: { ...answer.headers, 'Retry-After': '120' } }])

    await expect(graph.read(refs, signal)).resolves.toMatchObject([
      { kind: 'refused', status: 429, retryAfterMs: 120_000 },
      { kind: 'refused', status: 429, retryAfterMs: 300_000 },
      { kind: 'operation', retryAfterMs: 120_000 },
    ])
  })

  it('does not take away what its items say: a 424 that has answers', async () => {
    const { graph, signal } = connect([{ ...batchOf(...items), status: 424 }])

    await expect(graph.read(refs, signal)).resolves.toMatchObject([
      { kind: 'refused', status: 429 },
      { kind: 'refused', retryAfterMs: 300_000 },
      { kind: 'operation', operation: { status: 'inProgress' } },
    ])
  })
})
