import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGateway } from '../../src/gateway.ts'
import { everyTransport } from '../every-transport.ts'
import { openRawSocket } from '../raw-socket.ts'
import { locationOf, scriptedOperations, teamId, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const query = 'query ($ref: TeamsAsyncOperationRef!) { teamsAsyncOperation(ref: $ref) { status } }'
const subscription = `subscription ($location: String!) {
  teamsAsyncOperation(ref: { location: $location }) { status }
}`
const variables = { ref: { location: locationOf(1) } }
const hash = createHash('sha256').update(query).digest('hex')
const documents = { [hash]: query, watch: subscription, introspect: '{ __schema { queryType { name } } }' }
const found = { data: { teamsAsyncOperation: { status: 'IN_PROGRESS' } } }

let operations: ScriptedOperations
let served: ServedGateway

async function serve(options: { onlyPersisted: boolean }): Promise<void> {
  served = await serveGateway({
    operations: operations.client,
    documents,
    limits: { maxTokens: 5 },
    production: true,
    ...options,
  })
}

beforeEach(() => {
  operations = scriptedOperations()
  operations.find(locationOf(1))
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  expect(served.unexpected).toEqual([])
})

describe.each(everyTransport)('over %s', (_, { ask, types }) => {
  test('a document is named by its id, and executed whatever its size', async () => {
    await serve({ onlyPersisted: true })
    expect(await ask(served, { documentId: `sha256:${hash}`, variables })).toEqual(found)
    expect(await ask(served, { documentId: hash, variables })).toEqual(found)
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash } }
    expect(await ask(served, { extensions, variables })).toEqual(found)
    expect(await ask(served, { query: '', extensions, variables })).toEqual(found)
    expect(await ask(served, { query, variables })).toEqual(found)
  })

  test.runIf(types.includes('subscription'))('a subscription is as well', async () => {
    await serve({ onlyPersisted: true })
    const location = locationOf(1)
    expect(await ask(served, { documentId: 'watch', variables: { location } })).toEqual(found)
    expect(await ask(served, { query: `${subscription} `, variables: { location } })).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_ONLY' } }],
    })
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
  })

  test('an id means nothing where there are no documents', async () => {
    served = await serveGateway({ operations: operations.client })
    expect(await ask(served, { documentId: hash })).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    })
  })

  test('one that asks for the schema may, since it is trusted', async () => {
    await serve({ onlyPersisted: true })
    expect(await ask(served, { documentId: 'introspect' })).toEqual({
      data: { __schema: { queryType: { name: 'Query' } } },
    })
  })

  test('another document is refused where only persisted ones are executed', async () => {
    await serve({ onlyPersisted: true })
    expect(await ask(served, { query: '{ __typename }' })).toEqual({
      errors: [
        {
          message:
            'Expected the id of a persisted document, got another document. Only persisted ones are executed.',
          extensions: { code: 'PERSISTED_QUERY_ONLY' },
        },
      ],
    })
  })

  test('another document is executed where others are as well, within the limits', async () => {
    await serve({ onlyPersisted: false })
    expect(await ask(served, { query: '{ __typename }' })).toEqual({ data: { __typename: 'Query' } })
    expect(await ask(served, { query: '{ a: __typename b: __typename }' })).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
    })
  })

  test.each<[string, object, string]>([
    ['is not known', { documentId: 'unknown' }, 'PERSISTED_QUERY_NOT_FOUND'],
    [
      'Apollo would register',
      { extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } },
      'PERSISTED_QUERY_NOT_FOUND',
    ],
    ['stands beside another document', { documentId: hash, query: '{ __typename }' }, 'BAD_USER_INPUT'],
  ])('an id that %s is refused', async (_name, request, code) => {
    await serve({ onlyPersisted: false })
    expect(await ask(served, request)).toMatchObject({ errors: [{ extensions: { code } }] })
  })
})

test('over WebSocket a mistake with an id harms nothing else', async () => {
  await serve({ onlyPersisted: true })
  const socket = await openRawSocket(served.webSocketUrl)
  const location = locationOf(1)
  socket.send({ id: 'watch', type: 'subscribe', payload: { documentId: 'watch', variables: { location } } })
  await socket.receive(({ id }) => id === 'watch')
  for (const [i, documentId] of ['unknown', '', 1, {}, null].entries()) {
    socket.send({ id: `${i}`, type: 'subscribe', payload: { documentId } })
    expect(await socket.receive(({ id }) => id === `${i}`)).toMatchObject({ type: 'error' })
  }
  operations.find(location, { status: 'succeeded' })
  await socket.receive(({ id, type }) => id === 'watch' && type === 'complete')
  socket.socket.terminate()
})

test('a mutation that is named in a URL is not executed', async () => {
  served = await serveGateway({
    operations: operations.client,
    allowStart: true,
    documents: { archive: `mutation { archiveTeam(teamId: "${teamId}") { location } }` },
  })
  const response = await fetch(`${served.url}?documentId=archive`)
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST')
})

test('documents that are not valid keep the gateway from starting', async () => {
  await serve({ onlyPersisted: true })
  const { client } = operations
  expect(() => createGateway({ operations: client, documents: { a: '{ nothing }' } })).toThrow(TypeError)
  expect(() => createGateway({ operations: client, onlyPersisted: true })).toThrow(TypeError)
})
