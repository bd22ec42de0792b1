import { describe, expect, it } from 'vitest'
import { parseOperation } from '../../src/operation/parse-operation.ts'

const recorded = {
  id: '6aba218b-509e-42e2-b8fe-1a3dbc8a7cd0',
  operationType: 'archiveTeam',
  createdDateTime: '2021-12-15T08:57:48.7884587Z',
  status: 'inProgress',
  lastActionDateTime: '2021-12-15T08:57:48.7884587Z',
  attemptsCount: 1,
  targetResourceId: 'd40d729b-df60-4b57-ac8f-102595090e0a',
  targetResourceLocation: "/teams('d40d729b-df60-4b57-ac8f-102595090e0a')",
  Value: '{"Status":0,"PreArchivalMembersPermission":0}',
  error: null,
}

describe('an operation', () => {
  it('is taken as it was recorded', () => {
    expect(parseOperation(recorded)).toEqual({ operation: recorded })
  })

  it('leaves out what describes the response, and keeps every other annotation', () => {
    const context = "https://graph.microsoft.com/v1.0/$metadata#teams('d40d729b')/operations/$entity"
    const body = { '@odata.context': context, '@odata.etag': 'W/"1"', ...recorded }
    expect(parseOperation(body)).toEqual({ operation: { '@odata.etag': 'W/"1"', ...recorded } })
  })

  it('may lack what may be null', () => {
    const { targetResourceId, targetResourceLocation, error, ...rest } = recorded
    const { operation } = parseOperation(rest)
    expect(operation).toEqual({ ...rest, targetResourceId: null, targetResourceLocation: null, error: null })
    expect([targetResourceId, targetResourceLocation, error]).not.toContain(undefined)
  })

  it.each(['paused', 'unknownFutureValue', 'invalid'])('may have the status %s', (status) => {
    expect(parseOperation({ ...recorded, status }).operation?.status).toBe(status)
  })

  it('may be of a type that is newer than this package', () => {
    expect(parseOperation({ ...recorded, operationType: 'mergeTeams' }).operation?.operationType).toBe(
      'mergeTeams',
    )
  })

  it('keeps its error with all that is in it', () => {
    const error = { code: 'TeamUnavailable', message: 'The team was not found.', innerError: { date: 'x' } }
    expect(parseOperation({ ...recorded, error }).operation?.error).toEqual(error)
  })

  it('may have an error that says nothing', () => {
    expect(parseOperation({ ...recorded, error: {} }).operation?.error).toEqual({ code: null, message: null })
  })

  it('is a copy', () => {
    const body = structuredClone(recorded)
    const { operation } = parseOperation(body)
    body.status = 'failed'
    expect(operation?.status).toBe('inProgress')
  })
})

describe('a body with hostile names', () => {
  const added = '"__proto__":{"polluted":1},"constructor":1,"toString":"x","then":"y"'
  const text = JSON.stringify(recorded).replace('"error":null', `"error":{${added}},${added}`)
  const { operation } = parseOperation(JSON.parse(text))

  it('changes no prototype, not even of what copies the operation', () => {
    expect(operation).toBeDefined()
    expect(Object.getPrototypeOf(operation)).toBe(Object.prototype)
    expect(Object.assign({}, operation)).not.toHaveProperty('polluted')
    expect(Object.assign({}, operation?.error)).not.toHaveProperty('polluted')
    expect({}).not.toHaveProperty('polluted')
  })

  it('keeps the harmless ones', () => {
    for (const name of ['constructor', 'toString', 'then']) {
      expect(Object.keys(operation ?? {})).toContain(name)
      expect(Object.keys(operation?.error ?? {})).toContain(name)
    }
  })
})

describe('a body that is no operation', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'got nothing'],
    ['null', null, 'got null'],
    ['an empty text', '', 'got an empty string'],
    ['a page', '<html>Bad gateway</html>', 'got "<html>'],
    ['a list', [recorded], 'got an array'],
    ['a number', 200, 'type number'],
    ['an empty object', {}, '`id`'],
    ['an error', { error: { code: 'NotFound', message: 'x' } }, '`id`'],
    [
      'one without a status',
      { ...recorded, status: undefined },
      '`status` to be a non-empty string, got nothing',
    ],
    ['one with an empty status', { ...recorded, status: '' }, '`status`'],
    ['one with a numeric status', { ...recorded, status: 3 }, '`status`'],
    ['one with an empty id', { ...recorded, id: '' }, '`id`'],
    ['one without a type', { ...recorded, operationType: null }, '`operationType`'],
    ['one without a creation', { ...recorded, createdDateTime: undefined }, '`createdDateTime`'],
    ['one without a last action', { ...recorded, lastActionDateTime: 0 }, '`lastActionDateTime`'],
    ['one with half an attempt', { ...recorded, attemptsCount: 1.5 }, '`attemptsCount` to be an integer'],
    ['one with attempts as text', { ...recorded, attemptsCount: '1' }, '`attemptsCount`'],
    ['one with a numeric target', { ...recorded, targetResourceId: 1 }, '`targetResourceId`'],
    ['one with an odd target', { ...recorded, targetResourceLocation: {} }, '`targetResourceLocation`'],
    ['one with an error as text', { ...recorded, error: 'x' }, '`error` to be an object or null'],
    ['one with a list of errors', { ...recorded, error: [] }, '`error`'],
    ['one with a numeric error code', { ...recorded, error: { code: 5 } }, '`error.code`'],
    ['one with an odd error message', { ...recorded, error: { message: {} } }, '`error.message`'],
  ])('is told from one: %s', (_, body, reason) => {
    expect(parseOperation(body)).toEqual({ reason: expect.stringContaining(reason) as string })
  })

  it('is not repeated at length', () => {
    expect(parseOperation('x\n'.repeat(10_000)).reason?.length).toBeLessThan(200)
  })
})
