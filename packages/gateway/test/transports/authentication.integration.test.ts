import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { entra } from '../../src/access/entra.ts'
import type { Refused } from '../../src/access/identity.ts'
import type { GatewayOptions } from '../../src/gateway.ts'
import { everyTransport } from '../every-transport.ts'
import { connectRawSocket, openRawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'
import { audience, createTokenIssuer, tenantId, type TokenIssuer } from '../token-issuer.ts'

const query = '{ __typename }'

let clock: VirtualClock
let issuer: TokenIssuer
let operations: ScriptedOperations
let served: ServedGateway
let refused: Refused[]

beforeEach(async () => {
  clock = createVirtualClock()
  issuer = await createTokenIssuer(() => clock.now())
  operations = scriptedOperations()
  refused = []
  served = await serve()
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})

function serve(options: Partial<GatewayOptions> = {}): Promise<ServedGateway> {
  return serveGateway({
    operations: operations.client,
    clock,
    auth: {
      authenticator: entra({
        tenantId,
        audience,
        clock,
        requiredScopes: ['Operations.Read'],
        keysUrl: issuer.keysUrl,
      }),
      onRefused: (refusal) => refused.push(refusal),
    },
    ...options,
  })
}

describe.each(everyTransport)('over %s', (_, { connection, attempt }) => {
  const isSocket = connection === 'websocket'

  test('whoever has a token is served', async () => {
    const { result } = (await attempt(served, query, `Bearer ${await issuer.token()}`)) as { result: object }
    expect(result).toEqual({ data: { __typename: 'Query' } })
    expect(refused).toEqual([])
  })

  interface Bad {
    readonly what: string
    readonly authorization: () => Promise<string | undefined>
    readonly status: number
    readonly closeCode: number
    readonly said: string
    readonly detail: string
  }
  const invalid = { status: 401, closeCode: 4401, said: 'The access token is not valid here.' }
  const bad: readonly Bad[] = [
    {
      what: 'without a token',
      authorization: async () => undefined,
      status: 401,
      closeCode: 4401,
      said: 'Expected an access token, got none.',
      detail: 'There was no token',
    },
    {
      ...invalid,
      what: 'with something else than a token',
      authorization: async () => 'Basic dXNlcjpwYXNz',
      detail: 'Expected `Bearer` and a token',
    },
    {
      ...invalid,
      what: 'with a token that nobody signed',
      authorization: async () => `Bearer ${(await issuer.token()).replace(/[^.]+$/, 'AAAA')}`,
      detail: 'signature verification failed',
    },
    {
      ...invalid,
      what: 'with a token for somebody else',
      authorization: async () => `Bearer ${await issuer.token({ aud: 'https://graph.microsoft.com' })}`,
      detail: 'unexpected "aud" claim value',
    },
    {
      what: 'with a token that has expired: another one may be good',
      authorization: async () => `Bearer ${await issuer.token({ exp: clock.now() / 1000 - 1 })}`,
      status: 401,
      closeCode: 4403,
      said: 'The access token has expired.',
      detail: 'The token has expired',
    },
    {
      what: 'with a token that does not grant it',
      authorization: async () => `Bearer ${await issuer.token({ scp: 'Profile.Read' })}`,
      status: 403,
      closeCode: 4403,
      said: 'The access token does not grant the use of the gateway.',
      detail: 'Expected Operations.Read, got Profile.Read',
    },
  ]

  test.each(bad)('nobody is served $what', async ({ authorization, status, closeCode, said, detail }) => {
    const outcome = await attempt(served, query, await authorization())
    expect(outcome).toEqual({
      refusedWith: isSocket ? closeCode : status,
      said: expect.stringContaining(said) as string,
    })
    // What is wrong in detail is for the log, a token for nobody.
    expect(refused).toEqual([{ code: status === 403 ? 'FORBIDDEN' : 'UNAUTHENTICATED', detail }])
    expect(JSON.stringify(outcome)).not.toContain(detail)
    expect(JSON.stringify([outcome, refused])).not.toMatch(/eyJ|dXNlcjpwYXNz/)
  })

  test('whoever can not be checked now may come again', async () => {
    issuer.isUp = false
    expect(await attempt(served, query, `Bearer ${await issuer.token()}`)).toEqual({
      refusedWith: isSocket ? 1013 : 503,
      said: expect.stringContaining('Access tokens can not be checked at the moment.') as string,
    })
    expect(refused).toEqual([
      { code: 'SERVICE_UNAVAILABLE', detail: expect.stringContaining(issuer.keysUrl.href) as string },
    ])
  })

  test('what nobody foresaw lets nobody in, and tells nothing', async () => {
    const broken = await serve({
      auth: { authenticator: { authenticate: () => Promise.reject(new Error('password=hunter2')) } },
    })
    const outcome = await attempt(broken, query, 'Bearer token')
    expect(outcome).toMatchObject({ refusedWith: isSocket ? 1011 : 500 })
    expect(JSON.stringify(outcome)).not.toContain('hunter2')
    expect(broken.unexpected).toMatchObject([{ error: { message: 'password=hunter2' } }])
    await broken[Symbol.asyncDispose]()
  })

  test('whoever is not checked in time may come again', async () => {
    const slow = await serve({ auth: { authenticator: { authenticate: () => new Promise(() => {}) } } })
    let outcome: unknown
    void attempt(slow, query, 'Bearer token').then((came) => (outcome = came))
    await vi.waitFor(() => expect(clock.pendingTimers).toBeGreaterThan(isSocket ? 1 : 0))
    await clock.advance(9_999)
    expect(outcome).toBeUndefined()
    await clock.advance(1)
    await vi.waitFor(() =>
      expect(outcome).toEqual({
        refusedWith: isSocket ? 1013 : 503,
        said: expect.stringContaining('Who you are can not be checked at the moment.') as string,
      }),
    )
    await slow[Symbol.asyncDispose]()
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([
    ['Infinity', Number.POSITIVE_INFINITY],
    ['later than a date can be', Number.MAX_SAFE_INTEGER],
  ])('a proof until %s is good for ever', async (__, expiresAt) => {
    await served[Symbol.asyncDispose]()
    served = await serve({
      auth: { authenticator: { authenticate: async () => ({ id: 'ada', accessClass: 'a', expiresAt }) } },
    })
    expect(await attempt(served, query, 'Bearer x')).toEqual({
      result: { data: { __typename: 'Query' } },
    })
    expect(served.unexpected).toEqual([])
  })

  test('a proof until nobody knows when lets nobody in', async () => {
    await served[Symbol.asyncDispose]()
    served = await serve({
      auth: {
        authenticator: { authenticate: async () => ({ id: 'ada', accessClass: 'a', expiresAt: Number.NaN }) },
      },
    })
    expect(await attempt(served, query, 'Bearer x')).toMatchObject({ refusedWith: isSocket ? 1011 : 500 })
    expect(served.unexpected).toHaveLength(1)
  })

  test('a proof that has expired is none, whoever has checked it', async () => {
    const late = await serve({
      auth: {
        authenticator: {
          authenticate: async () => ({ id: 'ada', accessClass: 'all', expiresAt: clock.now() }),
        },
      },
    })
    expect(await attempt(late, query)).toMatchObject({ refusedWith: isSocket ? 4403 : 401 })
    await late[Symbol.asyncDispose]()
  })
})

describe('over HTTP', () => {
  test('a refusal says how to do better, in the shape of GraphQL', async () => {
    const challengeTo = async (authorization?: string): Promise<string | null> => {
      const headers = authorization === undefined ? undefined : { Authorization: authorization }
      return (await served.post({ query }, headers)).headers.get('www-authenticate')
    }
    expect(await challengeTo()).toBe('Bearer')
    expect(await challengeTo('Bearer x')).toMatch(/^Bearer error="invalid_token"/)
    const scp = 'Profile.Read'
    expect(await challengeTo(`Bearer ${await issuer.token({ scp })}`)).toBe(
      'Bearer error="insufficient_scope"',
    )

    const accept = { Accept: 'application/graphql-response+json' }
    for (const [headers, type] of [
      [{}, 'application/json'],
      [accept, 'application/graphql-response+json'],
    ] as const) {
      const response = await served.post({ query }, headers)
      expect(response.headers.get('content-type')).toContain(type)
      expect(await response.json()).toEqual({
        errors: [{ message: 'Expected an access token, got none.', extensions: { code: 'UNAUTHENTICATED' } }],
      })
    }
  })

  test('nothing is read of a request before it is known who sent it', async () => {
    expect((await served.post({ query: '{' })).status).toBe(401)
    const huge = await fetch(served.url, { method: 'POST', body: 'x'.repeat(1_000_000) })
    expect(huge.status).toBe(401)
  })

  test('the page for people opens without a token, and what it asks does not', async () => {
    const page = await fetch(served.url, { headers: { Accept: 'text/html' } })
    expect(page.status).toBe(200)
    expect((await fetch(`${served.url}/graphiql/graphiql.css`)).status).toBe(200)
    expect((await served.post({ query: '{ __schema { queryType { name } } }' })).status).toBe(401)
  })
})

describe('over WebSocket', () => {
  const subscribe = { id: '1', type: 'subscribe', payload: { query } }

  test('nothing is served before connection_init', async () => {
    const socket = connectRawSocket(served.webSocketUrl)
    await once(socket.socket, 'open')
    socket.send(subscribe)
    expect(await socket.closed()).toMatchObject({ code: 4401 })
    expect(socket.messages).toEqual([])
  })

  test('nothing is served while connection_init is looked into', async () => {
    const proof = Promise.withResolvers<{ id: string; accessClass: string }>()
    const slow = await serve({ auth: { authenticator: { authenticate: () => proof.promise } } })
    const socket = connectRawSocket(slow.webSocketUrl)
    await once(socket.socket, 'open')
    socket.send({ type: 'connection_init' })
    socket.send(subscribe)
    expect(await socket.closed()).toMatchObject({ code: 4401 })
    proof.resolve({ id: 'ada', accessClass: 'all' })
    await vi.waitFor(() => expect(slow.gateway.openConnections).toBe(0))
    expect(socket.messages).toEqual([])
    await slow[Symbol.asyncDispose]()
  })

  test('a socket that says nothing is closed', async () => {
    const socket = connectRawSocket(served.webSocketUrl)
    await once(socket.socket, 'open')
    await clock.advance(4_999)
    expect(served.gateway.openConnections).toBe(1)
    await clock.advance(1)
    expect(await socket.closed()).toMatchObject({ code: 4408 })
  })

  test('the token of connection_init counts before that of the upgrade', async () => {
    const good = `Bearer ${await issuer.token()}`
    const bad = { headers: { Authorization: 'Bearer x' } }
    const socket = await openRawSocket(served.webSocketUrl, bad, { authorization: good })
    socket.socket.terminate()
    const other = connectRawSocket(served.webSocketUrl, { headers: { Authorization: good } })
    await once(other.socket, 'open')
    other.send({ type: 'connection_init', payload: { authorization: 'Bearer x' } })
    expect(await other.closed()).toMatchObject({ code: 4401 })
  })

  test('connection_ack says until when the token is good', async () => {
    const authorization = `Bearer ${await issuer.token()}`
    const socket = await openRawSocket(served.webSocketUrl, {}, { authorization })
    expect(socket.messages).toEqual([
      { type: 'connection_ack', payload: { expiresDateTime: '2026-01-01T01:00:00.000Z' } },
    ])
    socket.socket.terminate()
  })
})

describe('a token in a URL is refused, also a good one', () => {
  test.each(['access_token', 'token', 'Authorization', 'x'])('as %s', async (name) => {
    const search = new URLSearchParams({ query, [name]: await issuer.token() })
    const headers = { Authorization: `Bearer ${await issuer.token()}` }
    const response = await fetch(`${served.url}?${search}`, { headers })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('A token does not belong into a URL.')

    const socket = new WebSocket(`${served.webSocketUrl}?${search}`, 'graphql-transport-ws', { headers })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain('400')
  })
})

test('the operations of those who are refused are not looked at', async () => {
  operations.find(locationOf(1))
  const watch = `subscription { teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { id } }`
  for (const [, { attempt }] of everyTransport) await attempt(served, watch, 'Bearer x')
  expect(operations.watchers(locationOf(1))).toBe(0)
  await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
})
