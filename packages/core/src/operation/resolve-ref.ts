import { InvalidLocationError } from './invalid-location-error.ts'
import type { OperationRef } from './operation-ref.ts'
import { parseLocation } from './parse-location.ts'
import { refFromIds, type OperationIds } from './ref-from-ids.ts'
import { shortened } from './shortened.ts'

/** The part of a `Response` that says where an operation lives. */
export interface ResponseLike {
  readonly headers: { get(name: string): string | null | undefined }
}

/**
 * Whatever identifies an operation: its `Location` in any spelling, the response that carries it, a
 * reference from earlier, or the identifiers.
 */
export type RefInput = string | URL | OperationRef | OperationIds | ResponseLike

/**
 * The one reference of an operation, whatever it was given as. Nothing is taken on trust: of a reference
 * that comes from a store or a client only the location is read, and read again.
 *
 * @param graphOrigin the only origin that an absolute location may have
 * @throws InvalidLocationError when `input` is not an operation of that Graph
 */
export function resolveRef(input: RefInput, graphOrigin: string): OperationRef {
  // From here on it is whatever a caller without a type checker passes.
  const given: unknown = input
  if (typeof given === 'string') return parseLocation(given, graphOrigin)
  if (given instanceof URL) return parseLocation(given.href, graphOrigin)
  if (typeof given !== 'object' || given === null) throw unusableInput(given)

  if (isResponseLike(given)) return parseLocation(locationOf(given, graphOrigin), graphOrigin)
  if ('location' in given && typeof given.location === 'string') {
    return parseLocation(given.location, graphOrigin)
  }
  if ('operationId' in given && typeof given.operationId === 'string') {
    const teamId = 'teamId' in given ? given.teamId : undefined
    const chatId = 'chatId' in given ? given.chatId : undefined
    const { operationId } = given
    if (typeof teamId === 'string' && chatId === undefined) return refFromIds({ teamId, operationId })
    if (typeof chatId === 'string' && teamId === undefined) return refFromIds({ chatId, operationId })
  }
  throw unusableInput(given)
}

function isResponseLike(given: object): given is ResponseLike {
  if (!('headers' in given)) return false
  const { headers } = given
  return (
    typeof headers === 'object' && headers !== null && 'get' in headers && typeof headers.get === 'function'
  )
}

/**
 * `Location`, or, as Graph has answered for shared channels, a `Content-Location` that is an operation:
 * elsewhere that header names the resource itself.
 */
function locationOf({ headers }: ResponseLike, graphOrigin: string): string {
  const location = headers.get('Location')
  if (location) return location
  const contentLocation = headers.get('Content-Location')
  if (contentLocation && isOperation(contentLocation, graphOrigin)) return contentLocation
  throw new InvalidLocationError(
    'Expected a response with the Location of an operation in its headers, got one ' +
      (contentLocation
        ? 'whose Content-Location is something else'
        : 'without Location and Content-Location') +
      '. Pass the 202 that started the operation, or list the operations of the team.',
  )
}

function isOperation(location: string, graphOrigin: string): boolean {
  try {
    parseLocation(location, graphOrigin)
    return true
  } catch (error) {
    if (error instanceof InvalidLocationError) return false
    throw error
  }
}

function unusableInput(given: unknown): InvalidLocationError {
  const got = typeof given === 'object' && given !== null ? `one with ${shownKeys(given)}` : shortened(given)
  return new InvalidLocationError(
    'Expected a location, a URL, a response, an OperationRef, { teamId, operationId } or { chatId, operationId }, ' +
      `got ${got}. Pass the Location header of the 202, or both ids as strings.`,
  )
}

function shownKeys(given: object): string {
  const keys = Object.keys(given)
  return keys.length === 0 ? 'no properties' : `the properties ${shortened(keys.join(', '))}`
}
