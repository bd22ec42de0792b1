// A gateway, asked over HTTP, server-sent events and WebSocket: with each version of graphql that it allows, for
// what those do differently. Runs in an empty project, on the packed tarballs.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOperationsClient, fetchTransport, fixedToken } from '@teams-operations/core'
import { bearerToken, createGateway } from '@teams-operations/gateway'
import { createSimulator } from '@teams-operations/simulator'
import { version } from 'graphql'

interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

const simulator = createSimulator()
const { tenant, clock } = simulator
await using operations = createOperationsClient({
  credential: fixedToken('consumer'),
  transport: fetchTransport({ fetch: simulator.fetch }),
  graphOrigin: simulator.origin,
  clock,
})
const unexpected: unknown[] = []
await using gateway = createGateway({
  operations,
  allowStart: true,
  production: true,
  limits: { maxDepth: 4, maxAliases: 3, maxRefs: 2 },
  onUnexpectedError: (error) => unexpected.push(error),
  auth: {
    authenticator: {
      async authenticate(credentials) {
        return { id: bearerToken(credentials) ?? 'nobody', accessClass: 'everybody' }
      },
    },
    authorize: ({ id }, { location }) => id === 'ada' || location === theirs,
  },
})
const server = createServer(gateway.handleRequest).on('upgrade', gateway.handleUpgrade).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`

const script = { inProgressMs: Infinity }
const theirs = tenant.addOperation({ script }).location
const { location } = tenant.addOperation({ script })
async function post(body: object, name = 'ada', accept = 'application/json'): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { Authorization: `Bearer ${name}`, Accept: accept, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** Lets virtual time pass until it has come about. */
async function settle<T>(promise: Promise<T>): Promise<T> {
  const progress = { isSettled: false }
  const marked = promise.finally(() => (progress.isSettled = true))
  while (!progress.isSettled) {
    await clock.advance(1_000)
    await new Promise(setImmediate)
  }
  return marked
}

/** Each gives all results until the end, which has to be said. */
const transports = {
  async post(body: object, name?: string): Promise<Result[]> {
    return [await settle(post(body, name).then((response) => response.json() as Promise<Result>))]
  },

  async events(body: object, name?: string): Promise<Result[]> {
    const text = await settle(post(body, name, 'text/event-stream').then((response) => response.text()))
    assert.match(text, /^event: complete$/m)
    return Array.from(
      text.matchAll(/^event: next\ndata: (.+)$/gm),
      ([, json = '']) => JSON.parse(json) as Result,
    )
  },

  async socket(payload: object, name = 'ada'): Promise<Result[]> {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
    const results: Result[] = []
    const send = (message: object): void => socket.send(JSON.stringify(message))
    const ended = new Promise<void>((resolve, reject) => {
      socket.addEventListener('close', ({ code }) => reject(new Error(`The socket was closed with ${code}`)))
      socket.addEventListener('message', ({ data }) => {
        const message = JSON.parse(String(data)) as { readonly type: string; readonly payload: unknown }
        if (message.type === 'connection_ack') send({ id: '1', type: 'subscribe', payload })
        if (message.type === 'next') results.push(message.payload as Result)
        if (message.type === 'error') results.push({ errors: message.payload } as Result)
        if (message.type === 'complete' || message.type === 'error') resolve()
      })
    })
    socket.addEventListener('open', () =>
      send({ type: 'connection_init', payload: { authorization: `Bearer ${name}` } }),
    )
    await settle(ended)
    socket.close()
    return results
  },
}

const query = 'query ($ref: TeamsAsyncOperationRef!) { teamsAsyncOperation(ref: $ref) { status } }'
const mutation = 'mutation ($teamId: ID!) { archiveTeam(teamId: $teamId) { location } }'
const watch = `subscription ($location: String!, $all: Boolean = false) {
  followed: teamsAsyncOperation(ref: { location: $location }) { status isTerminal @include(if: $all) }
}`
const watchAll = `subscription ($refs: [TeamsAsyncOperationRef!]!) {
  teamsAsyncOperations(refs: $refs) { status }
}`
const deep =
  '{ teamsAsyncOperations(of: { teamId: "x" }) { edges { node { polling { problem { code } } } } } }'

/* Queries, and what is refused, for which each version of graphql has words of its own */
const chat = { chatId: '1', operationId: '2' }
const refused: readonly (readonly [code: string, body: object])[] = [
  ['GRAPHQL_PARSE_FAILED', { query: '{' }],
  ['GRAPHQL_VALIDATION_FAILED', { query: '{ followedOperation { id } }' }],
  ['GRAPHQL_VALIDATION_FAILED', { query: '{ __schema { queryType { name } } }' }],
  ['GRAPHQL_VALIDATION_FAILED', { query: '{ a: __typename b: __typename c: __typename d: __typename }' }],
  ['GRAPHQL_VALIDATION_FAILED', { query: deep }],
  ['BAD_USER_INPUT', { query, variables: { ref: {} } }],
  ['BAD_USER_INPUT', { query, variables: { ref: { location, chat } } }],
  ['BAD_USER_INPUT', { query, variables: { ref: { locatoin: location } } }],
  ['BAD_REQUEST', { query: 'query A { __typename } query B { __typename }' }],
]
for (const ask of Object.values(transports)) {
  assert.deepEqual(await ask({ query: '{ __typename }' }), [{ data: { __typename: 'Query' } }])
  assert.deepEqual(await ask({ query, variables: { ref: { location: theirs } } }, 'bob'), [
    { data: { teamsAsyncOperation: { status: 'IN_PROGRESS' } } },
  ])
  for (const [code, body] of refused) await expectRefusal(ask(body), code)
}

/* Subscriptions, by whom they may be seen, until the end */
for (const follow of [transports.events, transports.socket]) {
  await expectRefusal(follow({ query: watch, variables: { location: 1 } }), 'BAD_USER_INPUT')
  await expectRefusal(follow({ query: watch, variables: { location } }, 'bob'), 'FORBIDDEN')
  const refs = [{ location: theirs }, { location }]
  await expectRefusal(follow({ query: watchAll, variables: { refs } }, 'bob'), 'FORBIDDEN')
  const tooMany = { refs: [...refs, { chat }] }
  await expectRefusal(follow({ query: watchAll, variables: tooMany }), 'BAD_USER_INPUT')

  const [started] = await transports.post({
    query: mutation,
    variables: { teamId: tenant.addTeam().id },
  })
  const begun = (started?.data?.['archiveTeam'] as { readonly location: string } | undefined)?.location
  assert.ok(begun, JSON.stringify(started))
  const [some, all] = await Promise.all([
    follow({ query: watch, variables: { location: begun } }),
    follow({ query: watch, variables: { location: begun, all: true } }),
  ])
  assert.deepEqual(some.at(-1), { data: { followed: { status: 'SUCCEEDED' } } })
  assert.deepEqual(all.at(-1), { data: { followed: { status: 'SUCCEEDED', isTerminal: true } } })
}

async function expectRefusal(results: Promise<readonly Result[]>, code: string): Promise<void> {
  const answers = await results
  const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code)
  assert.deepEqual(codes, [code], JSON.stringify(answers))
  assert.equal(answers[0]?.data ?? undefined, undefined)
  assert.doesNotMatch(JSON.stringify(answers), /Did you mean/)
}

server.close()
server.closeAllConnections()
assert.deepEqual(unexpected, [])
assert.deepEqual(simulator.journal.violations(), [])
console.log(`It works with graphql ${version}`)
