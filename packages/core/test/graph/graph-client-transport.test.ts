import {
  AuthenticationHandler,
  Client,
  MiddlewareFactory,
  RedirectHandler,
  RetryHandler,
  TelemetryHandler,
  type AuthenticationProvider,
  type Context,
  type Middleware,
} from '@microsoft/microsoft-graph-client'
import { createVirtualClock } from '@teams-operations/core/testing'
import { describe, expect, it, vi } from 'vitest'
import { graphClientTransport } from '../../src/graph/graph-client-transport.ts'
import { createGraphConnection } from '../../src/graph/graph-connection.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { operationBody, ORIGIN, TEAM, teamRef } from './connect.ts'

interface Sent {
  readonly url: string
  readonly init: RequestInit
}

const { signal } = new AbortController()

/** The default chain of middleware, with its end, where `fetch` would be, in memory. */
function clientWith(
  respond: (sent: Sent) => Response | Promise<Response>,
  options: { readonly customHosts?: Set<string> } = {},
): { readonly client: Client; readonly sent: readonly Sent[] } {
  const sent: Sent[] = []
  const wire: Middleware = {
    async execute(context: Context) {
      const url = typeof context.request === 'string' ? context.request : context.request.url
      const request = { url, init: { ...(context.options as RequestInit) } }
      sent.push(request)
      context.response = await respond(request)
    },
  }
  const authentication: AuthenticationProvider = { getAccessToken: async () => 'of-the-client' }
  const middleware = [
    new AuthenticationHandler(authentication),
    new RetryHandler(),
    new RedirectHandler(),
    new TelemetryHandler(),
    wire,
  ]
  return { client: Client.initWithMiddleware({ middleware, ...options }), sent }
}

function header(sent: Sent | undefined, name: string): string | null {
  return new Headers(sent?.init.headers).get(name)
}

describe('graphClientTransport', () => {
  it('has the chain of middleware that clients have by default', () => {
    const names = MiddlewareFactory.getDefaultMiddlewareChain({ getAccessToken: async () => '' }).map(
      ({ constructor }) => constructor.name,
    )

    // With a new one in between, the tests below would no longer show what the client does.
    expect(names.filter((name) => name !== 'RedirectHandler')).toEqual([
      'AuthenticationHandler',
      'RetryHandler',
      'TelemetryHandler',
      'HTTPMessageHandler',
    ])
  })

  it('reads with the authentication of the client, and needs no credential', async () => {
    const { client, sent } = clientWith(() =>
      Response.json(operationBody(), { headers: { 'request-id': 'r1' } }),
    )
    const graph = createGraphConnection({
      origin: ORIGIN,
      transport: graphClientTransport(client),
      clock: createVirtualClock(),
    })

    await expect(graph.read([teamRef()], signal)).resolves.toMatchObject([
      { kind: 'operation', requestId: 'r1' },
    ])
    expect(sent.map(({ url }) => url)).toEqual([`${ORIGIN}/v1.0${teamRef().location}`])
    expect(header(sent[0], 'Authorization')).toBe('Bearer of-the-client')
    expect(header(sent[0], 'Prefer')).toBe('include-unknown-enum-members')
    expect(header(sent[0], 'SdkVersion')).toMatch(/^graph-js\//)
    expect(header(sent[0], 'client-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('reads in batches and starts', async () => {
    const { client, sent } = clientWith(({ url }) =>
      url.endsWith('/$batch')
        ? Response.json({ responses: [{ id: '2', status: 200, body: operationBody() }] })
        : new Response('', {
            status: 202,
            headers: { Location: teamRef().location, 'Content-Type': 'application/json' },
          }),
    )
    const graph = createGraphConnection({
      origin: ORIGIN,
      transport: graphClientTransport(client),
      clock: createVirtualClock(),
    })

    await expect(graph.read([teamRef(1), teamRef(2)], signal)).resolves.toMatchObject([
      { kind: 'unusable' },
      { kind: 'operation' },
    ])
    await expect(
      graph.start(archiveTeam(TEAM, { shouldSetSpoSiteReadOnlyForMembers: true }), signal),
    ).resolves.toMatchObject({ location: teamRef().location })
    await graph.start(archiveTeam(TEAM), signal)

    expect(sent.map(({ url, init }) => [init.method, url])).toEqual([
      ['POST', `${ORIGIN}/v1.0/$batch`],
      ['POST', `${ORIGIN}/v1.0/teams/${TEAM}/archive`],
      ['POST', `${ORIGIN}/v1.0/teams/${TEAM}/archive`],
    ])
    expect(header(sent[0], 'Content-Type')).toBe('application/json')
    expect(sent[1]?.init.body).toBe('{"shouldSetSpoSiteReadOnlyForMembers":true}')
    expect(sent[2]?.init.body).toBeUndefined()
  })

  it.each([400, 401, 403, 404, 429, 500, 503, 504])(
    'gives a %d as an answer, and does not repeat it',
    async (status) => {
      const headers = { 'Retry-After': '1' }
      const { client, sent } = clientWith(() => Response.json({ error: { code: 'C' } }, { status, headers }))
      const transport = graphClientTransport(client)

      for (const method of ['GET', 'POST'] as const) {
        const response = await transport.send({ method, url: `${ORIGIN}/v1.0/teams`, headers: {} }, signal)

        expect(response).toMatchObject({ status, body: '{"error":{"code":"C"}}' })
        expect(response.headers.get('retry-after')).toBe('1')
      }
      expect(sent).toHaveLength(2)
    },
  )

  it('gives a redirect as an answer, and does not follow it', async () => {
    const { client, sent } = clientWith(
      () => new Response(null, { status: 302, headers: { Location: 'https://evil.example' } }),
    )

    const response = await graphClientTransport(client).send(
      { method: 'GET', url: `${ORIGIN}/v1.0/teams`, headers: {} },
      signal,
    )

    expect(response.status).toBe(302)
    expect(sent).toHaveLength(1)
    // A chain without a RedirectHandler, as in browsers, leaves redirects to fetch.
    expect(sent[0]?.init.redirect).toBe('manual')
  })

  it('sends to another host than the base URL of the client, with its token only if that is a custom host', async () => {
    const request = { method: 'GET', url: 'https://graph.test:8443/v1.0/teams', headers: {} } as const
    const known = clientWith(() => new Response(), { customHosts: new Set(['graph.test']) })
    const unknown = clientWith(() => new Response())

    await graphClientTransport(known.client).send(request, signal)
    await graphClientTransport(unknown.client).send(request, signal)

    expect([known.sent[0]?.url, unknown.sent[0]?.url]).toEqual([request.url, request.url])
    expect(header(known.sent[0], 'Authorization')).toBe('Bearer of-the-client')
    expect(header(unknown.sent[0], 'Authorization')).toBeNull()
  })

  it('refuses an origin without TLS instead of sending to the base URL of the client', async () => {
    const { client, sent } = clientWith(() => new Response())

    await expect(
      graphClientTransport(client).send(
        { method: 'GET', url: 'http://localhost:3000/v1.0/teams', headers: {} },
        signal,
      ),
    ).rejects.toThrow(/^Expected an https URL, got http:\/\/localhost:3000/)
    expect(sent).toHaveLength(0)
  })

  it('keeps an opaque link as it is', async () => {
    const { client, sent } = clientWith(() => new Response())
    const url = `${ORIGIN}/v1.0/teams('${TEAM}')/operations?$top=20&$skiptoken=a%2Fb%3D&x=y%20z&flag`

    await graphClientTransport(client).send({ method: 'GET', url, headers: {} }, signal)
    expect(new Set(sent[0]?.url.split(/[?&]/))).toEqual(new Set(url.split(/[?&]/)))
  })

  it('hands over the signal', async () => {
    const { client, sent } = clientWith(() => new Response())

    await graphClientTransport(client).send(
      { method: 'GET', url: `${ORIGIN}/v1.0/teams`, headers: {} },
      signal,
    )
    expect(sent[0]?.init.signal).toBe(signal)
  })

  it('rejects when the client finds no connection or no token', async () => {
    const offline = clientWith(() => Promise.reject(new TypeError('fetch failed')))
    const getAccessToken = vi.fn(() => Promise.reject(new Error('signed out')))
    const signedOut = Client.initWithMiddleware({ authProvider: { getAccessToken } })
    const request = { method: 'GET', url: `${ORIGIN}/v1.0/teams`, headers: {} } as const

    await expect(graphClientTransport(offline.client).send(request, signal)).rejects.toThrow('fetch failed')
    await expect(graphClientTransport(signedOut).send(request, signal)).rejects.toThrow('signed out')
    expect(getAccessToken).toHaveBeenCalledOnce()
  })

  it('says so when a middleware of the client gives no response', async () => {
    const client = Client.initWithMiddleware({ middleware: { execute: async () => {} } })

    await expect(
      graphClientTransport(client).send({ method: 'GET', url: `${ORIGIN}/v1.0/teams`, headers: {} }, signal),
    ).rejects.toThrow(/Expected a response, got none/)
  })
})
