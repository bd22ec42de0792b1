import { InvalidLocationError } from './invalid-location-error.ts'
import type { OperationRef } from './operation-ref.ts'
import { refFromIds, type OperationIds } from './ref-from-ids.ts'
import { shortened } from './shortened.ts'

const MAX_LOCATION_LENGTH = 2_048

/** An absolute URL whose authority is a host and perhaps a port, and nothing else. */
const absolute = /^([a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)(\/.*)?$/i

/**
 * Reads the location of an operation in any of the spellings that Microsoft Graph and its documentation use:
 * `teams('{id}')`, `teams({id})`, `teams/{id}` and `teams{id}`, below `/teams`, `/groups/{id}/team`,
 * `/me/joinedTeams`, `/users/{id}/joinedTeams`, `/chats`, `/me/chats` or `/users/{id}/chats`, with or without
 * a version, relative or absolute.
 *
 * The text is matched as it came. A URL parser would first resolve `..`, turn `\` into `/` and drop
 * newlines, and so make something acceptable out of what was meant to deceive.
 *
 * @param graphOrigin the only origin that an absolute location may have
 * @throws InvalidLocationError for everything else
 */
export function parseLocation(location: string, graphOrigin: string): OperationRef {
  const refuse = (why: string): never => {
    throw new InvalidLocationError(
      `Expected the location of an operation of ${graphOrigin}, such as /teams('{id}')/operations('{id}'), got ${shown(location)}: ${why}. ` +
        `Pass the Location header of the 202 as it came, or the ids: { teamId, operationId } or { chatId, operationId }.`,
    )
  }

  if (location === '') refuse('it is empty')
  if (location.length > MAX_LOCATION_LENGTH) refuse(`it is longer than ${MAX_LOCATION_LENGTH} characters`)
  if (/[^\x21-\x7e]/.test(location)) refuse('it contains whitespace, control or non-ASCII characters')
  if (location.includes('\\')) refuse('it contains a backslash')
  if (/[?#]/.test(location)) refuse('it has a query or a fragment')

  const path = location.startsWith('/') ? location : pathOnOrigin(location, graphOrigin, refuse)
  if (path.startsWith('//')) refuse('it names a host without a scheme')
  // Only what encoders do to the characters of an identifier. An encoded slash, dot, percent sign or NUL
  // has no business here, and is not decoded to find out.
  if (/%(?!27|28|29|3a|40|23)/i.test(path)) refuse("it encodes other characters than ' ( ) : @ #")
  const ids = operationIds(path.slice(1).split('/').map(decodeURIComponent))
  return ids === undefined ? refuse('its path is not that of an operation') : refFromIds(ids)
}

function pathOnOrigin(location: string, graphOrigin: string, refuse: (why: string) => never): string {
  const [, given, path = ''] = absolute.exec(location) ?? []
  if (given === undefined) return refuse('it is neither a path nor a plain absolute URL')
  const expected = new URL(graphOrigin).origin
  const defaultPort = expected.startsWith('https:') ? ':443' : ':80'
  const isSameOrigin = [expected, expected + defaultPort].includes(given.toLowerCase())
  return isSameOrigin ? path : refuse('it is of another origin')
}

/**
 * One step of a path: a `name`, or, in parentheses, the `key` of the name before. A plain segment may be
 * either: `/teams/{id}` has the key in its own segment.
 */
interface Word {
  readonly text: string
  readonly isKey: boolean
}

const inParentheses = /^([A-Za-z]+)\((?:'([^'()]+)'|([^'()]+))\)$/
/** A spelling of the documentation that has lost its parentheses: `/teams{id}/operations({id})`. */
const runTogether = /^(teams)([0-9A-Fa-f-]{36})$/
/** Identifies the user by GUID or principal name. Not kept: the operation is the same for every user. */
const userIdGrammar = /^(?:[0-9A-Fa-f-]{36}|[A-Za-z0-9._!#^~-]+@[A-Za-z0-9.-]+)$/

function toWords(segment: string): readonly Word[] {
  const [, name, quotedKey, bareKey] = inParentheses.exec(segment) ?? runTogether.exec(segment) ?? []
  const key = quotedKey ?? bareKey
  if (name === undefined || key === undefined) return [{ text: segment, isKey: false }]
  return [
    { text: name, isKey: false },
    { text: key, isKey: true },
  ]
}

/** Where operations live. What is in braces is a key, everything else a name to be met exactly. */
const pathTemplates: readonly (readonly string[])[] = [
  'teams/{teamId}',
  'groups/{teamId}/team',
  'me/joinedTeams/{teamId}',
  'users/{userId}/joinedTeams/{teamId}',
  'chats/{chatId}',
  'me/chats/{chatId}',
  'users/{userId}/chats/{chatId}',
].map((owner) => `${owner}/operations/{operationId}`.split('/'))

function operationIds(segments: readonly string[]): OperationIds | undefined {
  const isVersioned = segments[0] === 'v1.0' || segments[0] === 'beta'
  const words = segments.slice(isVersioned ? 1 : 0).flatMap(toWords)
  for (const template of pathTemplates) {
    const keys = matchTemplate(words, template)
    if (keys === undefined) continue
    const { teamId, chatId, operationId = '', userId } = keys
    if (userId !== undefined && !userIdGrammar.test(userId)) return undefined
    if (teamId !== undefined) return { teamId, operationId }
    if (chatId !== undefined) return { chatId, operationId }
  }
  return undefined
}

type Keys = Partial<Record<'teamId' | 'chatId' | 'userId' | 'operationId', string>>

function matchTemplate(words: readonly Word[], template: readonly string[]): Keys | undefined {
  if (words.length !== template.length) return undefined
  const keys: Record<string, string> = {}
  for (const [index, { text, isKey }] of words.entries()) {
    const expected = template[index] ?? ''
    if (expected.startsWith('{')) keys[expected.slice(1, -1)] = text
    else if (isKey || text !== expected) return undefined
  }
  return keys
}

/** A path, or a URL with nothing but a host before its path. */
const showable = /^(?:[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(?::[0-9]+)?)?(?:\/(?![/\\])|$)/i

/**
 * The location for a message, without what may be a secret: a query, a fragment, and the whole of a text
 * that is not plainly a path or a URL, because it may hold user and password, or be a token.
 */
function shown(location: string): string {
  if (!showable.test(location)) return `a text of ${location.length} characters`
  return shortened(location.split(/[?#\\]/, 1)[0])
}
