import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidLocationError } from '../../src/operation/invalid-location-error.ts'
import type { OperationRef } from '../../src/operation/operation-ref.ts'
import { parseLocation } from '../../src/operation/parse-location.ts'

const origin = 'https://graph.microsoft.com'

/** `undefined` when it was refused, as it should be: with the error that says so. */
function parsed(location: string): OperationRef | undefined {
  try {
    return parseLocation(location, origin)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidLocationError)
    return undefined
  }
}

const guid = fc.uuid()
const anyCase = (text: string): fc.Arbitrary<string> => fc.mixedCase(fc.constant(text))
const operationId = fc.oneof(
  guid,
  fc.tuple(guid, guid, guid).map((guids) => guids.join('-')),
)
const chatId = fc.oneof(
  fc.tuple(guid, guid).map(([a, b]) => `19:${a}_${b}@unq.gbl.spaces`),
  fc.stringMatching(/^[A-Za-z0-9]{1,48}$/).map((id) => `19:meeting_${id}@thread.v2`),
)
const userId = fc.oneof(guid, fc.stringMatching(/^[a-z.]{1,9}@[a-z]{1,9}$/))
const prefix = fc.constantFrom('', '/v1.0', '/beta', origin, `${origin}/v1.0`, `${origin}/beta`)

/** `name` with its key, spelled in one of the ways that occur. */
function keyed(name: string, key: string): fc.Arbitrary<string> {
  const encoded = encodeURIComponent(key)
  return fc.constantFrom(
    `/${name}('${key}')`,
    `/${name}(${key})`,
    `/${name}/${key}`,
    `/${name}/${encoded}`,
    `/${name}('${encoded}')`,
    `/${name}%28%27${encoded}%27%29`,
  )
}

const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(''))
const text = (value: string): fc.Arbitrary<string> => fc.constant(value)

interface Spelled {
  readonly ref: OperationRef
  readonly spelling: string
}

const teamOperation: fc.Arbitrary<Spelled> = fc.tuple(guid, operationId, userId).chain(([team, id, user]) => {
  const ref = { location: `/teams('${team}')/operations('${id}')`, operationId: id, owner: { teamId: team } }
  return fc
    .tuple(anyCase(team), anyCase(id))
    .chain(([teamSpelled, idSpelled]) =>
      joined(
        prefix,
        fc.oneof(
          keyed('teams', teamSpelled),
          text(`/teams${teamSpelled}`),
          joined(keyed('groups', teamSpelled), text('/team')),
          joined(text('/me'), keyed('joinedTeams', teamSpelled)),
          joined(keyed('users', user), keyed('joinedTeams', teamSpelled)),
        ),
        keyed('operations', idSpelled),
      ).map((spelling) => ({ ref, spelling })),
    )
})

const chatOperation: fc.Arbitrary<Spelled> = fc
  .tuple(chatId, operationId, userId)
  .chain(([chat, id, user]) => {
    const ref = {
      location: `/chats('${chat}')/operations('${id}')`,
      operationId: id,
      owner: { chatId: chat },
    }
    return joined(
      prefix,
      fc.oneof(text(''), text('/me'), keyed('users', user)),
      keyed('chats', chat),
      keyed('operations', id),
    ).map((spelling) => ({ ref, spelling }))
  })

const spelled = fc.oneof(teamOperation, chatOperation)

describe('the location of an operation', () => {
  it('is the same however it is spelled', () => {
    fc.assert(
      fc.property(spelled, ({ ref, spelling }) => {
        expect(parsed(spelling)).toEqual(ref)
      }),
    )
  })

  it('reads back from its canonical form', () => {
    fc.assert(
      fc.property(spelled, ({ ref }) => {
        expect(parsed(ref.location)).toEqual(ref)
      }),
    )
  })
})

/** Written apart from the parser: the whole grammar at once, over a text that is decoded where it may be. */
const grammar = ((): RegExp => {
  const hex = '[0-9A-Fa-f]'
  const team = `${hex}{8}-${hex}{4}-${hex}{4}-${hex}{4}-${hex}{12}`
  const user = `(?:[0-9A-Fa-f-]{36}|[A-Za-z0-9._!#^~-]+@[A-Za-z0-9.-]+)`
  const chat = '19:[A-Za-z0-9._-]{1,200}@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*'
  const key = (id: string): string => `(?:\\('${id}'\\)|\\(${id}\\)|/${id})`
  const owner = [
    `/teams${key(team)}`,
    `/teams${team}`,
    `/groups${key(team)}/team`,
    `(?:/me|/users${key(user)})/joinedTeams${key(team)}`,
    `(?:/me|/users${key(user)})?/chats${key(chat)}`,
  ]
  return new RegExp(`^(?:/v1\\.0|/beta)?(?:${owner.join('|')})/operations${key('[A-Za-z0-9-]{1,200}')}$`)
})()

function isInGrammar(location: string): boolean {
  if (/[#?]/.test(location) || location.length > 2_048) return false
  const path = location.replace(/^https:\/\/graph\.microsoft\.com(?::443)?(?=\/)/i, '')
  const decoded = path.replace(/%(27|28|29|3a|40|23)/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  return grammar.test(decoded)
}

const attack = fc.constantFrom(
  '/',
  '//',
  '\\',
  '..',
  '/..',
  '/../',
  '.',
  '%2e%2e',
  '%2F',
  '%2f',
  '%5C',
  '%252F',
  '%25',
  '%00',
  '%0d%0a',
  '%23',
  '%27',
  '%28',
  '%29',
  '%3A',
  '%40',
  '#',
  '?',
  '@',
  ':',
  ';',
  "'",
  "''",
  '(',
  ')',
  '()',
  ' ',
  '\t',
  '\r\n',
  '\0',
  '\u2028',
  '\u202e',
  'е',
  '%',
  '%2',
  '$count',
  '$batch',
  'https:',
  'https://evil.example',
  'user:pass@',
  '/v1.0',
  '/teams',
  '/operations',
)
type Mutation = readonly [kind: 'insert' | 'replace' | 'delete' | 'swap', at: number, piece: string]
const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom('insert', 'replace', 'delete', 'swap'),
  fc.nat(250),
  fc.oneof(attack, fc.string({ unit: 'binary', maxLength: 3 })),
)

function mutated(location: string, [kind, position, piece]: Mutation): string {
  const at = position % (location.length + 1)
  switch (kind) {
    case 'insert':
      return location.slice(0, at) + piece + location.slice(at)
    case 'replace':
      return location.slice(0, at) + piece + location.slice(at + piece.length)
    case 'delete':
      return location.slice(0, at) + location.slice(at + 1)
    case 'swap':
      return location.slice(at) + location.slice(0, at)
  }
}

describe('a text that is no location', () => {
  it('is never taken for one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.webUrl()), (location) => {
        expect(parsed(location)).toBeUndefined()
      }),
    )
  })

  it('is not taken for one however close it comes', () => {
    fc.assert(
      fc.property(spelled, fc.array(mutation, { minLength: 1, maxLength: 3 }), ({ spelling }, mutations) => {
        const location = mutations.reduce(mutated, spelling)
        const ref = parsed(location)
        expect(ref !== undefined).toBe(isInGrammar(location))
        if (ref !== undefined) expect(parsed(ref.location)).toEqual(ref)
      }),
      { numRuns: 3_000 },
    )
  })

  it('never leaves the origin when it is joined to it', () => {
    fc.assert(
      fc.property(spelled, fc.array(mutation, { maxLength: 3 }), ({ spelling }, mutations) => {
        const ref = parsed(mutations.reduce(mutated, spelling))
        if (ref === undefined) return
        const url = new URL(`${origin}/v1.0${ref.location}`)
        expect(url.href).toBe(`${origin}/v1.0${ref.location}`)
        expect(url.search + url.hash + url.username).toBe('')
      }),
      { numRuns: 1_000 },
    )
  })
})
