import { describe, expect, it } from 'vitest'
import { parseGraphErrorBody } from '../../src/graph/graph-error-body.ts'

describe('parseGraphErrorBody', () => {
  it('takes the deepest code, the outermost message and the request-id of the body', () => {
    const body = {
      error: {
        code: 'NotFound',
        message: 'No team found with Group Id 1',
        innerError: {
          message: 'inner',
          'request-id': 'request-1',
          innerError: { code: 'ItemNotFound' },
        },
      },
    }

    expect(parseGraphErrorBody(body, null)).toEqual({
      code: 'ItemNotFound',
      message: 'No team found with Group Id 1',
      requestId: 'request-1',
    })
  })

  it('prefers the request-id of the header', () => {
    const body = { error: { innerError: { 'request-id': 'of-the-body' } } }

    expect(parseGraphErrorBody(body, 'of-the-header').requestId).toBe('of-the-header')
  })

  it('reads the other spelling of innerError', () => {
    const body = { error: { code: 'Forbidden', innererror: { code: 'InsufficientPrivileges' } } }

    expect(parseGraphErrorBody(body, null).code).toBe('InsufficientPrivileges')
  })

  it('keeps the code of a 429 whose inner error has only the status', () => {
    const body = {
      error: {
        code: 'TooManyRequests',
        innerError: {
          code: '429',
          date: '2020-08-18T12:51:51',
          message: 'Please retry after',
          status: '429',
        },
        message: 'Please retry again later.',
      },
    }

    expect(parseGraphErrorBody(body, null)).toMatchObject({
      code: 'TooManyRequests',
      message: 'Please retry again later.',
    })
  })

  it('keeps the code around an inner error that is unknown', () => {
    const body = { error: { code: 'BadRequest', innerError: { code: 'Unknown', innerError: {} } } }

    expect(parseGraphErrorBody(body, null).code).toBe('BadRequest')
  })

  it('gives a code that says little when there is no other', () => {
    expect(parseGraphErrorBody({ error: { code: 'UnknownError', message: '' } }, null)).toEqual({
      code: 'UnknownError',
      message: '',
      requestId: undefined,
    })
  })

  it('finds the message of the inner error when the outer one has none', () => {
    const body = { error: { code: '', message: '', innerError: { message: 'inner' } } }

    expect(parseGraphErrorBody(body, null)).toMatchObject({ code: '', message: 'inner' })
  })

  it('makes one line of bounded length of a message, so that it can be logged', () => {
    const { message } = parseGraphErrorBody(
      { error: { message: `a\r\n\u001b[31mb${'c'.repeat(5_000)}` } },
      null,
    )

    expect(message).toMatch(/^a \[31mbc+…$/)
    expect(message.length).toBeLessThanOrEqual(1_001)
  })

  it('ends in a body that is nested without end', () => {
    let error: object = { code: 'Deepest' }
    for (let depth = 0; depth < 5_000; depth += 1) error = { code: `Code${depth}`, innerError: error }

    expect(parseGraphErrorBody({ error }, null).code).toMatch(/^Code/)
  })

  it.each([
    undefined,
    null,
    '',
    'Bad Gateway',
    0,
    [],
    {},
    { error: null },
    { error: 'invalid_token' },
    { error: [] },
    { error: { code: 7, message: {}, innerError: 'x' } },
    { error: { code: null, innerError: [{ code: 'Hidden' }] } },
  ])('finds nothing in %j', (body) => {
    expect(parseGraphErrorBody(body, '')).toEqual({ code: '', message: '', requestId: undefined })
  })
})
