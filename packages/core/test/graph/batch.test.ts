import { describe, expect, it } from 'vitest'
import { decodeBatch, encodeBatch, type BatchItemAnswer } from '../../src/graph/batch.ts'

function only(body: unknown): BatchItemAnswer | undefined {
  return decodeBatch(body, 1)[0]
}

describe('encodeBatch', () => {
  it('numbers the items from 1, with their own headers', () => {
    const headers = { Prefer: 'include-unknown-enum-members' }

    expect(
      JSON.parse(
        encodeBatch([
          { path: '/teams', headers },
          { path: '/chats', headers: {} },
        ]),
      ),
    ).toEqual({
      requests: [
        { id: '1', method: 'GET', url: '/teams', headers },
        { id: '2', method: 'GET', url: '/chats', headers: {} },
      ],
    })
  })
})

describe('decodeBatch', () => {
  it('finds the answers by their ids, in whatever order they come', () => {
    const responses = [
      { id: '3', status: 429, headers: { 'Retry-After': '10' }, body: { error: {} } },
      { id: '1', status: 200, body: { id: 'first' } },
      { id: '2', status: 404 },
    ]

    const answers = decodeBatch({ responses }, 3)

    expect(answers).toMatchObject([{ status: 200, body: { id: 'first' } }, { status: 404 }, { status: 429 }])
  })

  it.each(['Retry-After', 'retry-after', 'RETRY-AFTER', 'rEtRy-AfTeR'])('finds the header %s', (name) => {
    const answer = only({ responses: [{ id: '1', status: 429, headers: { [name]: '10' } }] })

    expect(answer && 'headers' in answer && answer.headers.get('Retry-After')).toBe('10')
  })

  it('takes a header that is a number, and none that is anything else', () => {
    const headers = { 'Retry-After': 10, Location: ['x'], 'request-id': null }
    const answer = only({ responses: [{ id: '1', status: 429, headers }] })

    const read = (name: string): unknown => answer && 'headers' in answer && answer.headers.get(name)
    expect([read('Retry-After'), read('Location'), read('request-id')]).toEqual(['10', null, null])
  })

  it.each([
    ['an object', { id: 'x' }],
    ['JSON as text', '{"id":"x"}'],
    ['JSON in base64', Buffer.from('{"id":"x"}').toString('base64')],
  ])('takes a body that is %s', (_, body) => {
    expect(only({ responses: [{ id: '1', status: 200, body }] })).toMatchObject({ body: { id: 'x' } })
  })

  it('leaves other text as it is', () => {
    expect(only({ responses: [{ id: '1', status: 502, body: 'Bad Gateway' }] })).toMatchObject({
      body: 'Bad Gateway',
    })
  })

  it('lets the first of two answers to the same item count', () => {
    const responses = [
      { id: '1', status: 200, body: 1 },
      { id: '1', status: 500, body: 2 },
    ]

    expect(only({ responses })).toMatchObject({ status: 200, body: 1 })
  })

  it('passes over what was not asked for', () => {
    const responses = [
      null,
      'x',
      [],
      {},
      { id: '0', status: 500 },
      { id: '2', status: 500 },
      { id: 1, status: 200 },
    ]

    expect(decodeBatch({ responses }, 1)).toMatchObject([{ status: 200 }])
  })

  it('says which item has no answer', () => {
    expect(decodeBatch({ responses: [{ id: '1', status: 200 }] }, 2)).toMatchObject([
      { status: 200 },
      { reason: 'expected an answer to item 2 of the batch, got none' },
    ])
  })

  it.each([undefined, null, '200', 200.5, 99, 600, Number.NaN, {}])(
    'does not take %j for a status',
    (status) => {
      expect(only({ responses: [{ id: '1', status, body: {} }] })).toMatchObject({
        reason: expect.stringMatching(/^expected item 1 of the batch to have an HTTP status, got /),
      })
    },
  )

  it.each([undefined, null, '', 'text', 7, [], {}, { responses: null }, { responses: {} }])(
    'says of every item that %j is no batch',
    (body) => {
      const reason = expect.stringMatching(/^expected a batch with `responses`, got /)

      expect(decodeBatch(body, 2)).toEqual([{ reason }, { reason }])
    },
  )
})
