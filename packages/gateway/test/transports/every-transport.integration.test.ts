import {
  AccessDeniedError,
  AuthenticationError,
  OperationLostError,
  ThrottledError,
} from '@teams-operations/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { everyTransport } from '../every-transport.ts'
import type { AskedRequest, Result } from '../exchange.ts'
import {
  locationOf,
  operationIdOf,
  scriptedOperations,
  teamId,
  type ScriptedOperations,
} from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const location = locationOf(1)

let operations: ScriptedOperations
let served: ServedGateway

beforeEach(async () => {
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client })
  operations.find(location)
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

describe.each(everyTransport)('over %s', (_, transport) => {
  const ask = (request: AskedRequest): Promise<Result> => transport.ask(served, request)

  test('a query is answered, with every digit that Graph wrote', async () => {
    const query = `query ($ref: TeamsAsyncOperationRef!) {
      teamsAsyncOperation(ref: $ref) {
        id operationType status createdDateTime attemptsCount targetResourceId error { code }
        location isTerminal
        polling { revision checks checkedDateTime nextCheckDateTime problem { code } }
      }
    }`
    const variables = { ref: { team: { teamId, operationId: operationIdOf(1) } } }
    expect(await ask({ query, variables })).toEqual({
      data: {
        teamsAsyncOperation: {
          id: operationIdOf(1),
          operationType: 'ARCHIVE_TEAM',
          status: 'IN_PROGRESS',
          createdDateTime: '2026-01-01T00:00:00.1234567Z',
          attemptsCount: 1,
          targetResourceId: null,
          error: null,
          location,
          isTerminal: false,
          polling: {
            revision: 1,
            checks: 1,
            checkedDateTime: '2026-01-01T00:00:01.000Z',
            nextCheckDateTime: '2026-01-01T00:01:01.000Z',
            problem: null,
          },
        },
      },
    })
  })

  test('what is newer than the schema does not break the answer', async () => {
    operations.find(location, { status: 'paused', operationType: 'mergeTeam' })
    const query = `{ teamsAsyncOperation(ref: { location: "${location}" }) { status operationType isTerminal } }`
    expect(await ask({ query })).toEqual({
      data: {
        teamsAsyncOperation: {
          status: 'UNKNOWN_FUTURE_VALUE',
          operationType: 'UNKNOWN_FUTURE_VALUE',
          isTerminal: false,
        },
      },
    })
  })

  test('introspection answers', async () => {
    expect(await ask({ query: '{ __type(name: "DateTime") { specifiedByURL } }' })).toEqual({
      data: { __type: { specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339' } },
    })
  })

  const oneOf = 'teamsAsyncOperation(ref: $ref) { id }'
  test.each<[string, AskedRequest, string]>([
    ['a syntax error', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'two ways to name an operation',
      {
        query: `{ teamsAsyncOperation(ref: { location: "a", chat: { chatId: "1", operationId: "2" } }) { id } }`,
      },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'two ways to name an operation, in a variable',
      {
        query: `query ($ref: TeamsAsyncOperationRef!) { ${oneOf} }`,
        variables: { ref: { location: 'a', chat: { chatId: '1', operationId: '2' } } },
      },
      'BAD_USER_INPUT',
    ],
    [
      'no way to name an operation',
      { query: `query ($ref: TeamsAsyncOperationRef!) { ${oneOf} }`, variables: { ref: {} } },
      'BAD_USER_INPUT',
    ],
    [
      'a way that is left out at the last moment',
      { query: 'query ($location: String) { teamsAsyncOperation(ref: { location: $location }) { id } }' },
      'BAD_USER_INPUT',
    ],
    [
      'the location of another Graph',
      { query: `{ teamsAsyncOperation(ref: { location: "https://evil.example${location}" }) { id } }` },
      'BAD_USER_INPUT',
    ],
    [
      'a page of no size',
      { query: `{ teamsAsyncOperations(of: { teamId: "${teamId}" }, first: 0) { edges { cursor } } }` },
      'BAD_USER_INPUT',
    ],
    [
      'a page that is too large',
      { query: `{ teamsAsyncOperations(of: { teamId: "${teamId}" }, first: 101) { edges { cursor } } }` },
      'BAD_USER_INPUT',
    ],
  ])('%s is refused with a code', async (_name, request, code) => {
    const { errors = [] } = await ask(request)
    expect(errors[0]?.extensions).toEqual({ code })
    expect(served.unexpected).toEqual([])
  })

  test.each<[Error, object]>([
    [new AuthenticationError('no', { requestId: 'r' }), { code: 'UNAUTHENTICATED', requestId: 'r' }],
    [new AccessDeniedError('no'), { code: 'FORBIDDEN' }],
    [new OperationLostError('no'), { code: 'OPERATION_LOST' }],
    [new ThrottledError('no', { retryAfterMs: 10_000 }), { code: 'THROTTLED', retryAfter: 10 }],
  ])('%s of the core has its code', async (error, extensions) => {
    operations.refuse = error
    const query = `{ teamsAsyncOperation(ref: { location: "${location}" }) { id } }`
    expect(await ask({ query })).toMatchObject({
      data: { teamsAsyncOperation: null },
      errors: [{ message: 'no', extensions }],
    })
  })

  test('what nobody foresaw is masked, with an id that the log has', async () => {
    operations.refuse = Object.assign(new Error('password=hunter2'), {
      extensions: { code: 'FORBIDDEN', secret: 'hunter2', http: { status: 418 } },
    })
    const query = `{ teamsAsyncOperation(ref: { location: "${location}" }) { id } }`
    const result = await ask({ query })
    const [{ id } = { id: '' }] = served.unexpected
    expect(result.errors?.[0]?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', id })
    expect(JSON.stringify(result)).not.toMatch(/hunter2|\.ts|unexpected":|http/)
    expect(served.unexpected).toHaveLength(1)
  })
})
