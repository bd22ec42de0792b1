import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { createClient } from 'graphql-sse'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGateway } from '../../src/gateway.ts'
import { UnauthenticatedError } from '../../src/errors/unauthenticated-error.ts'
import { reserveStream, STREAM_TOKEN } from '../reserve-stream.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const location = locationOf(1)
const queryFor = (of: string): string =>
  `subscription { teamsAsyncOperation(ref: { location: "${of}" }) { status } }`
const query = queryFor(location)

let clock: VirtualClock
let operations: ScriptedOperations
let served: ServedGateway

beforeEach(async () => {
  clock = createVirtualClock()
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client, clock })
  operations.find(location)
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  expect(served.unexpected).toEqual([])
  expect(clock.pendingTimers).toBe(0)
})

interface Headers {
  readonly [name: string]: string
}

const reserve = (headers?: Headers): Promise<string> => reserveStream(served, headers)

function openStream(token: string, headers: Headers = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(served.url, {
    headers: { Accept: 'text/event-stream', [STREAM_TOKEN]: token, ...headers },
    signal: signal ?? null,
  })
}

function start(token: string, operationId: unknown, body: object = { query }): Promise<Response> {
  return served.post({ ...body, extensions: { operationId } }, { [STREAM_TOKEN]: token })
}

function stop(token: string, operationId: string): Promise<Response> {
  return fetch(`${served.url}?operationId=${operationId}`, {
    method: 'DELETE',
    headers: { [STREAM_TOKEN]: token },
  })
}

interface StreamEvent {
  readonly event: string
  readonly data: { readonly id: string; readonly payload?: object }
}

/** The events of a stream as they come. */
async function* eventsOf({ body }: Response): AsyncGenerator<StreamEvent> {
  let text = ''
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, event = '', data = ''] = /^event: (.+)\ndata: (.+)$/.exec(text.slice(0, end)) ?? []
      text = text.slice(end + 2)
      if (event) yield { event, data: JSON.parse(data) as StreamEvent['data'] }
    }
  }
}

async function codeOf(response: Response): Promise<string | undefined> {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
  return errors[0]?.extensions.code
}

describe('a graphql-sse client with a single connection', () => {
  test('gets the states of several operations until each has ended', async () => {
    operations.find(locationOf(2))
    const client = served.singleConnectionClient()
    const follow = async (of: string): Promise<unknown[]> => {
      const results: unknown[] = []
      for await (const result of client.iterate({ query: queryFor(of) })) {
        results.push(result)
        if (results.length === 1) operations.find(of, { status: 'succeeded' })
      }
      return results
    }
    const all = Promise.all([follow(location), follow(locationOf(2))])
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(1))
    const states = ['IN_PROGRESS', 'SUCCEEDED'].map((status) => ({
      data: { teamsAsyncOperation: { status } },
    }))
    expect(await all).toEqual([states, states])
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
  })

  test('unsubscribes from one, and the others go on', async () => {
    operations.find(locationOf(2))
    const client = served.singleConnectionClient()
    const leaving = client.iterate({ query })
    const staying = client.iterate({ query: queryFor(locationOf(2)) })
    await leaving.next()
    await staying.next()
    await leaving.return?.()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    expect(operations.watchers(locationOf(2))).toBe(1)
    operations.find(locationOf(2), { status: 'failed' })
    expect(await staying.next()).toMatchObject({
      value: { data: { teamsAsyncOperation: { status: 'FAILED' } } },
    })
    expect(await staying.next()).toMatchObject({ done: true })
  })

  test('comes back when the gateway stops, and gets the current state again', async () => {
    await using first = createGateway({ operations: operations.client, clock })
    await using second = createGateway({ operations: operations.client, clock })
    let current = first
    const server = createServer((request, response) => current.handleRequest(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = createClient({
      url: `http://127.0.0.1:${port}/graphql`,
      singleConnection: true,
      retry: async () => {},
    })
    const results = client.iterate({ query })
    await results.next()
    current = second
    await first.drain()
    operations.find(location, { status: 'succeeded' })
    expect(await results.next()).toMatchObject({
      value: { data: { teamsAsyncOperation: { status: 'SUCCEEDED' } } },
    })
    client.dispose()
    server.close()
    server.closeAllConnections()
  })
})

describe('a reservation', () => {
  test('is open for operations before and after its stream is, in any order', async () => {
    const token = await reserve()
    expect((await start(token, 'early')).status).toBe(202)
    const events = eventsOf(await openStream(token))
    expect(await events.next()).toMatchObject({ value: { event: 'next', data: { id: 'early' } } })
    expect((await start(token, 'late', { query: '{ __typename }' })).status).toBe(202)
    expect(await events.next()).toEqual({
      done: false,
      value: { event: 'next', data: { id: 'late', payload: { data: { __typename: 'Query' } } } },
    })
    expect(await events.next()).toMatchObject({ value: { event: 'complete', data: { id: 'late' } } })
    // Its id is free again.
    expect((await start(token, 'late', { query: '{ __typename }' })).status).toBe(202)
    await events.return(undefined)
  })

  test('has a token that nobody can guess, and never the one that was asked for', async () => {
    const tokens = [await reserve(), await reserve({ [STREAM_TOKEN]: 'mine' })]
    expect(new Set(tokens).size).toBe(2)
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/)
    expect((await openStream('mine')).status).toBe(404)
    await clock.advance(10_000)
  })

  test('ends when nobody opens its stream, with all that was started', async () => {
    const token = await reserve()
    await start(token, '1')
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    await clock.advance(10_000)
    expect(operations.watchers(location)).toBe(0)
    expect(served.gateway.openConnections).toBe(0)
    expect((await openStream(token)).status).toBe(404)
    expect((await start(token, '2')).status).toBe(404)
  })

  test('has one stream, and ends with it', async () => {
    const token = await reserve()
    const leaving = new AbortController()
    const stream = await openStream(token, {}, leaving.signal)
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    expect((await openStream(token)).status).toBe(409)
    await start(token, '1')
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    await clock.advance(60_000)
    expect(operations.watchers(location)).toBe(1)
    leaving.abort()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    expect(served.gateway.openConnections).toBe(0)
    expect((await openStream(token)).status).toBe(404)
  })

  test('ends without `complete` when the gateway stops, so that clients come back', async () => {
    const token = await reserve()
    await reserve()
    const stream = await openStream(token)
    const text = stream.text()
    await start(token, '1')
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    await served.stop()
    expect(await text).toContain('IN_PROGRESS')
    expect(await text).not.toContain('complete')
    expect(operations.watchers(location)).toBe(0)
  })

  test('is kept alive by comments', async () => {
    const reader = (await openStream(await reserve())).body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe(':\n\n')
    await clock.advance(25_000)
    expect((await reader?.read())?.value).toBe(':\n\n')
    await reader?.cancel()
    await vi.waitFor(() => expect(clock.pendingTimers).toBe(0))
  })
})

test('nobody reserves a stream of a gateway that stops, also if they came before', async () => {
  const proved = Promise.withResolvers<{ id: string; accessClass: string }>()
  const gateway = createGateway({
    operations: operations.client,
    clock,
    auth: { authenticator: { authenticate: () => proved.promise } },
  })
  const answer = gateway.fetch(new Request('http://localhost/graphql', { method: 'PUT' }))
  await new Promise(setImmediate)
  await gateway.drain()
  proved.resolve({ id: 'ada', accessClass: 'all' })
  const { status, headers } = await answer
  expect(status).toBe(503)
  expect(headers.get('retry-after')).toBe('5')
  expect(gateway.openConnections).toBe(0)
})

describe('what is not right is refused, and harms nobody', () => {
  test('a token in the URL', async () => {
    const token = await reserve()
    const url = `${served.url}?token=${token}`
    const response = await fetch(url, { headers: { Accept: 'text/event-stream' } })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('does not belong into a URL')
    await clock.advance(10_000)
  })

  test('another token, or none', async () => {
    for (const token of ['', 'x', `${await reserve()}x`]) {
      expect((await openStream(token)).status).toBe(404)
      expect((await start(token, '1')).status).toBe(404)
      expect((await stop(token, '1')).status).toBe(404)
    }
    expect((await fetch(served.url, { method: 'DELETE' })).status).toBe(404)
    await clock.advance(10_000)
  })

  test('an id that is in use, that is none, or that is too long', async () => {
    const token = await reserve()
    await start(token, '1')
    expect((await start(token, '1')).status).toBe(409)
    for (const id of [undefined, '', 7, 'x'.repeat(257)]) expect((await start(token, id)).status).toBe(400)
    expect((await stop(token, '')).status).toBe(400)
    expect((await stop(token, 'unknown')).status).toBe(200)
    expect(operations.watchers(location)).toBe(1)
    await clock.advance(10_000)
  })

  test('a document that is not valid, in the answer to its own request', async () => {
    const token = await reserve()
    const events = eventsOf(await openStream(token))
    const syntax = await start(token, '1', { query: '{' })
    expect(syntax.status).toBe(400)
    expect(await codeOf(syntax)).toBe('GRAPHQL_PARSE_FAILED')
    expect((await start(token, '1')).status).toBe(202)
    expect(await events.next()).toMatchObject({ value: { event: 'next', data: { id: '1' } } })
    await events.return(undefined)
  })

  test('a mutation, which its client would send again', async () => {
    const starting = await serveGateway({ operations: operations.client, allowStart: true })
    const token = await reserveStream(starting)
    const mutation = `mutation { archiveTeam(teamId: "1") { location } }`
    const response = await starting.post(
      { query: mutation, extensions: { operationId: '1' } },
      { [STREAM_TOKEN]: token },
    )
    expect(response.status).toBe(400)
    expect(await codeOf(response)).toBe('BAD_REQUEST')
    await starting[Symbol.asyncDispose]()
  })

  test('a reservation from the page of another site', async () => {
    const response = await fetch(served.url, { method: 'PUT', headers: { Origin: 'https://evil.example' } })
    expect(response.status).toBe(403)
  })
})

describe('limits', () => {
  test('as many reservations wait as there may be, and those that are open are not among them', async () => {
    const token = await reserve()
    const stream = await openStream(token)
    await Promise.all(Array.from({ length: 1_000 }, () => reserve()))
    const response = await fetch(served.url, { method: 'PUT' })
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect((await start(token, '1')).status).toBe(202)
    await clock.advance(10_000)
    expect(await reserve()).toBeTruthy()
    await stream.body?.cancel()
    await clock.advance(10_000)
  })

  test('operations over one stream are as many as there may be over one connection', async () => {
    await served[Symbol.asyncDispose]()
    served = await serveGateway({
      operations: operations.client,
      clock,
      limits: { maxSubscriptionsPerConnection: 2 },
    })
    const token = await reserve()
    await start(token, '1')
    // Its result is not read: so it counts as well.
    await start(token, '2', { query: '{ __typename }' })
    const refused = await start(token, '3', { query: '{ __typename }' })
    expect(refused.status).toBe(429)
    expect(await codeOf(refused)).toBe('TOO_MANY_SUBSCRIPTIONS')
    await stop(token, '1')
    expect((await start(token, '3')).status).toBe(202)
    await clock.advance(10_000)
  })

  test('a client that does not read gets the newest state, and the end, of each operation', async () => {
    const token = await reserve()
    await start(token, '1')
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    for (let n = 0; n < 1_000; n++) operations.find(location, { attemptsCount: n })
    operations.find(location, { status: 'succeeded' })
    const seen: object[] = []
    for await (const { event, data } of eventsOf(await openStream(token))) {
      if (event === 'complete') break
      seen.push(data.payload ?? {})
    }
    expect(seen.length).toBeLessThan(5)
    expect(seen.at(-1)).toEqual({ data: { teamsAsyncOperation: { status: 'SUCCEEDED' } } })
  })
})

describe('where users are told apart', () => {
  const as = (id: string): Headers => ({ Authorization: id })
  let startedAt: number

  beforeEach(async () => {
    await served[Symbol.asyncDispose]()
    startedAt = clock.now()
    served = await serveGateway({
      operations: operations.client,
      clock,
      limits: { maxConnectionsPerUser: 2 },
      auth: {
        authenticator: {
          async authenticate({ authorization }) {
            const [proof = '', grants = 'Read'] = authorization?.split(' with ') ?? []
            const [id, seconds = '60'] = proof.split(' until ')
            if (!id) throw new UnauthenticatedError('missing', '')
            return { id, accessClass: grants, expiresAt: startedAt + Number(seconds) * 1_000 }
          },
        },
      },
    })
  })

  test('a reservation is of whoever made it, also for those who know its token', async () => {
    expect((await fetch(served.url, { method: 'PUT' })).status).toBe(401)
    const token = await reserve(as('alice'))
    expect((await openStream(token, as('bob'))).status).toBe(404)
    expect((await openStream(token)).status).toBe(401)
    expect((await openStream(token, as('alice'))).status).toBe(200)
    const body = { query, extensions: { operationId: '1' } }
    expect((await served.post(body, { [STREAM_TOKEN]: token, ...as('bob') })).status).toBe(404)
    expect((await served.post(body, { [STREAM_TOKEN]: token, ...as('alice') })).status).toBe(202)
  })

  test('a token that grants something else, of the same user, has no part in it', async () => {
    const token = await reserve(as('alice until 60 with Read Write'))
    const weaker = as('alice until 60 with Read')
    expect((await openStream(token, weaker)).status).toBe(404)
    const body = { query, extensions: { operationId: '1' } }
    expect((await served.post(body, { [STREAM_TOKEN]: token, ...weaker })).status).toBe(404)
    await clock.advance(10_000)
  })

  test('what may be seen over it is decided by what its newest token says', async () => {
    await served[Symbol.asyncDispose]()
    served = await serveGateway({
      operations: operations.client,
      clock,
      auth: {
        authenticator: {
          async authenticate({ authorization }) {
            const [id = '', group] = authorization?.split(' of ') ?? []
            return { id, accessClass: 'everybody', claims: { group } }
          },
        },
        authorize: ({ claims }) => claims?.['group'] === 'admins',
      },
    })
    const token = await reserve(as('alice of admins'))
    const body = { query, extensions: { operationId: '1' } }
    expect((await served.post(body, { [STREAM_TOKEN]: token, ...as('alice of users') })).status).toBe(202)
    const leaving = new AbortController()
    const stream = await openStream(token, as('alice of users'), leaving.signal)
    const { value } = await eventsOf(stream).next()
    expect(JSON.stringify(value)).toContain('FORBIDDEN')
    leaving.abort()
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
  })

  test('they have as many reservations as connections', async () => {
    await reserve(as('alice'))
    await reserve(as('alice'))
    const response = await fetch(served.url, { method: 'PUT', headers: as('alice') })
    expect(response.status).toBe(429)
    expect(await codeOf(response)).toBe('TOO_MANY_SUBSCRIPTIONS')
    await reserve(as('bob'))
    await clock.advance(10_000)
    await reserve(as('alice'))
    await clock.advance(10_000)
  })

  test('a stream lasts as long as the token of the last request for it', async () => {
    const token = await reserve(as('alice until 60'))
    const stream = await openStream(token, as('alice until 60'))
    const text = stream.text()
    const body = { query, extensions: { operationId: '1' } }
    await served.post(body, { [STREAM_TOKEN]: token, ...as('alice until 300') })
    await clock.advance(120_000)
    expect(served.gateway.openConnections).toBe(1)
    await clock.advance(200_000)
    await vi.waitFor(() => expect(served.gateway.openConnections).toBe(0))
    expect(await text).not.toContain('complete')
  })
})
