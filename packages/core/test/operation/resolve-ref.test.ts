import { describe, expect, it } from 'vitest'
import { InvalidLocationError } from '../../src/operation/invalid-location-error.ts'
import type { OperationRef } from '../../src/operation/operation-ref.ts'
import { resolveRef, type RefInput } from '../../src/operation/resolve-ref.ts'

const origin = 'https://graph.microsoft.com'
const teamId = 'd40d729b-df60-4b57-ac8f-102595090e0a'
const operationId = '6aba218b-509e-42e2-b8fe-1a3dbc8a7cd0'
const chatId = '19:c253a29b5f694b55a6baad8e83510af7@thread.v2'
const location = `/teams('${teamId}')/operations('${operationId}')`
const ref: OperationRef = { location, operationId, owner: { teamId } }

const accepted = (headers: Record<string, string>): Response => new Response(null, { status: 202, headers })

/** What callers without a type checker pass. */
function resolveUnchecked(input: unknown): OperationRef {
  return resolveRef(input as RefInput, origin)
}

describe('an operation', () => {
  it.each<[string, RefInput]>([
    ['a location', `/teams/${teamId}/operations/${operationId}`],
    ['a URL', new URL(`${origin}/v1.0${location}`)],
    ['a reference', ref],
    ['a reference that went through JSON', JSON.parse(JSON.stringify(ref)) as OperationRef],
    ['its identifiers', { teamId, operationId }],
    [
      'its identifiers in upper case',
      { teamId: teamId.toUpperCase(), operationId: operationId.toUpperCase() },
    ],
    ['a response with a Location', accepted({ location: `/teams(${teamId})/operations(${operationId})` })],
    [
      'a response with both headers',
      accepted({ location, 'content-location': `/teams('00000000-0000-0000-0000-000000000000')` }),
    ],
    ['a response with a Content-Location only', accepted({ 'content-location': location })],
    ['headers that are no Headers', { headers: new Map([['Location', location]]) }],
  ])('is resolved from %s', (_, input) => {
    expect(resolveRef(input, origin)).toEqual(ref)
  })

  it('of a chat is resolved from its identifiers', () => {
    expect(resolveRef({ chatId, operationId }, origin)).toEqual({
      location: `/chats('${chatId}')/operations('${operationId}')`,
      operationId,
      owner: { chatId },
    })
  })

  it('is what its location says, whatever else a reference claims', () => {
    const forged = { ...ref, operationId: 'other', owner: { chatId } }
    expect(resolveRef(forged, origin)).toEqual(ref)
  })
})

describe('what is no operation is refused', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'got nothing'],
    ['null', null, 'got null'],
    ['a number', 5, 'a value of type number'],
    ['an empty object', {}, 'no properties'],
    ['a team', { teamId }, '"teamId"'],
    ['an operation without an owner', { operationId }, '"operationId"'],
    ['two owners', { teamId, chatId, operationId }, '"teamId, chatId, operationId"'],
    ['identifiers that are no texts', { teamId: 1, operationId: 2 }, '"teamId, operationId"'],
    ['a team that is no GUID', { teamId: "x')/members", operationId }, 'teamId'],
    ['a chat with a quote', { chatId: "19:a'b@thread.v2", operationId }, 'chatId'],
    ['a percent-encoded chat', { chatId: encodeURIComponent(chatId), operationId }, 'chatId'],
    ['an operation with a path in it', { teamId, operationId: '../x' }, 'operationId'],
    ['an empty operation', { teamId, operationId: '' }, 'operationId'],
    ['a reference to elsewhere', { ...ref, location: `https://evil.example${location}` }, 'another origin'],
    ['a reference with a step up', { ...ref, location: `/teams/../me` }, 'not that of an operation'],
    ['a reference without a location', { ...ref, location: undefined }, 'location, operationId, owner'],
    ['a URL of another origin', new URL(`https://evil.example${location}`), 'another origin'],
    ['a URL with a password', new URL(`https://a:b@graph.microsoft.com${location}`), 'neither a path nor'],
    ['a URL with a query', new URL(`${origin}${location}?x`), 'query'],
    ['a response without either header', accepted({}), 'without Location and Content-Location'],
    ['a response with an empty Location', accepted({ location: '' }), 'without Location'],
    ['a response of a team', accepted({ 'content-location': `/teams('${teamId}')` }), 'something else'],
    ['a response of elsewhere', accepted({ location: `https://evil.example${location}` }), 'another origin'],
    [
      'a response whose Location is bad and Content-Location good',
      accepted({ location: '/elsewhere', 'content-location': location }),
      'not that of an operation',
    ],
    ['headers that cannot be asked', { headers: { location } }, '"headers"'],
  ])('%s', (_, input, reason) => {
    expect(() => resolveUnchecked(input)).toThrow(InvalidLocationError)
    expect(() => resolveUnchecked(input)).toThrow(reason)
  })
})
