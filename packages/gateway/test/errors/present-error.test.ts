import {
  AccessDeniedError,
  AuthenticationError,
  CheckFailedError,
  ClientDisposedError,
  ConnectionError,
  GraphRequestError,
  InvalidLocationError,
  OperationLostError,
  ProtocolError,
  ThrottledError,
  type PollingProblemCode,
} from '@teams-operations/core'
import { GraphQLError, Source } from 'graphql'
import { beforeEach, describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/errors/error-code.ts'
import { FollowingFailedError } from '../../src/errors/following-failed-error.ts'
import { createErrorPresenter, type PresentError } from '../../src/errors/present-error.ts'
import { UserInputError } from '../../src/errors/user-input-error.ts'

let reports: { error: unknown; id: string }[]
let present: PresentError

beforeEach(() => {
  reports = []
  present = createErrorPresenter((error, id) => reports.push({ error, id }))
})

const requestId = 'the-request'
const graphRequest = (status: number): GraphRequestError =>
  new GraphRequestError('refused', { status, graphCode: '', requestId })
const checkFailed = (code: PollingProblemCode): CheckFailedError =>
  new CheckFailedError({ code, message: 'no state', sinceAt: 0, requestId })

describe('an error of the core', () => {
  test.each([
    [new InvalidLocationError('no', { requestId }), 'BAD_USER_INPUT'],
    [new AuthenticationError('no', { requestId }), 'UNAUTHENTICATED'],
    [new AccessDeniedError('no', { requestId }), 'FORBIDDEN'],
    [new OperationLostError('no', { requestId }), 'OPERATION_LOST'],
    [new ThrottledError('no', { requestId, retryAfterMs: undefined }), 'THROTTLED'],
    [new ConnectionError('no', { requestId }), 'GRAPH_UNAVAILABLE'],
    [new ProtocolError('no', { requestId, received: '<html>' }), 'GRAPH_UNAVAILABLE'],
    [graphRequest(404), 'OPERATION_NOT_FOUND'],
    [graphRequest(400), 'BAD_USER_INPUT'],
    [graphRequest(500), 'GRAPH_UNAVAILABLE'],
    [checkFailed('throttled'), 'THROTTLED'],
    [checkFailed('not-replicated'), 'OPERATION_NOT_FOUND'],
    [checkFailed('graph-unavailable'), 'GRAPH_UNAVAILABLE'],
  ])('%s has the code %s, and the request id', (error, code) => {
    expect(present(error).toJSON()).toEqual({ message: error.message, extensions: { code, requestId } })
    expect(reports).toEqual([])
  })

  const said = new Error('AADSTS7000222: secretId=hunter2 /var/run/secrets/azure')
  const quoting = (code: PollingProblemCode): CheckFailedError =>
    new CheckFailedError({ code, message: `Quoted: ${said.message}`, sinceAt: 0, requestId: undefined })

  test.each([
    [quoting('no-token'), 'The gateway has no access token for Microsoft Graph.', 'UNAUTHENTICATED'],
    [quoting('no-connection'), 'The request did not get through to Microsoft Graph.', 'GRAPH_UNAVAILABLE'],
    [quoting('no-answer'), 'Microsoft Graph did not answer in time.', 'GRAPH_UNAVAILABLE'],
    [
      new AuthenticationError(`Asked this, but there was no token: ${said.message}`, { cause: said }),
      'Asked this, but there was no token',
      'UNAUTHENTICATED',
    ],
    [
      new ConnectionError(`Asked this, and no answer came: ${said.message}. Look.`, { cause: said }),
      'Asked this, and no answer came. Look.',
      'GRAPH_UNAVAILABLE',
    ],
  ])('says nothing of what a credential or a network said: %#', (error, message, code) => {
    expect(present(error).toJSON()).toEqual({ message, extensions: { code } })
  })

  test('that knows when to try again says so in seconds', () => {
    const error = new ThrottledError('slow down', { retryAfterMs: 2_128 })
    expect(present(error).extensions).toEqual({ code: 'THROTTLED', retryAfter: 3 })
  })

  test('is told by its code, so that another copy of the package is understood', () => {
    const foreign = Object.assign(new Error('gone'), { code: 'OPERATION_LOST' })
    expect(present(foreign).toJSON()).toEqual({ message: 'gone', extensions: { code: 'OPERATION_LOST' } })
  })

  test('about one of several operations names its location', () => {
    const ref = { location: '/teams(…)', operationId: '1', owner: { teamId: '2' } }
    const error = new FollowingFailedError(ref, new OperationLostError('gone'))
    expect(present(error).toJSON()).toEqual({
      message: 'gone',
      extensions: { code: 'OPERATION_LOST', location: '/teams(…)' },
    })
  })

  test('while stopping is no mystery', () => {
    expect(present(new ClientDisposedError()).extensions).toEqual({ code: 'GRAPH_UNAVAILABLE' })
  })
})

describe('what nobody foresaw', () => {
  const unforeseen: [string, unknown][] = [
    ['an error', new TypeError('x is not a function')],
    [
      'an error with the code of something else',
      Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }),
    ],
    ['a string', 'secret'],
    ['nothing', undefined],
    [
      'an unexpected error about one of several operations',
      new FollowingFailedError(
        { location: '/secret', operationId: '1', owner: { teamId: '2' } },
        new Error('secret'),
      ),
    ],
    [
      'a value that does not fit the schema',
      new GraphQLError('Int cannot represent "secret"', {
        path: ['a'],
        originalError: new GraphQLError('Int cannot represent "secret"'),
      }),
    ],
  ]

  test.each(unforeseen)('%s: the client gets an id, and the log the rest', (_, error) => {
    const presented = present(error).toJSON()
    expect(reports).toHaveLength(1)
    const [{ id } = { id: '' }] = reports
    expect(presented.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', id })
    expect(presented.message).toContain(id)
    expect(JSON.stringify(presented)).not.toMatch(/secret|function|\.ts/)
  })

  test('is reported once, however often the error is presented', () => {
    const presented = present(new Error('once'))
    expect(present(presented)).toBe(presented)
    expect(reports).toHaveLength(1)
  })
})

describe('an error of GraphQL', () => {
  test('keeps where it is, and gets the code of the stage that found it', () => {
    const source = new Source('{ nothing }')
    const error = new GraphQLError('Cannot query field', { source, positions: [2] })
    expect(present(error, 'GRAPHQL_VALIDATION_FAILED').toJSON()).toEqual({
      message: 'Cannot query field',
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    })
  })

  test('of the gateway keeps its code', () => {
    const error = new GraphQLError('wrapped', { path: ['a'], originalError: new UserInputError('too many') })
    expect(present(error).toJSON()).toEqual({
      message: 'too many',
      path: ['a'],
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  test('loses whatever extensions are not of the contract', () => {
    const extensions = {
      code: 'FORBIDDEN',
      http: { status: 403 },
      unexpected: true,
      stacktrace: ['at secret.ts'],
      originalError: { message: 'secret' },
    }
    expect(present(new GraphQLError('no', { extensions })).extensions).toEqual({ code: 'FORBIDDEN' })
  })

  test('has no code but those that are documented', () => {
    const presented = present(new GraphQLError('no', { extensions: { code: 'MADE_UP' } }), 'BAD_REQUEST')
    expect(errorCodes).toContain(presented.extensions['code'])
  })
})
