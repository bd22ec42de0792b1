import { isJsonObject, type JsonObject } from './json-object.ts'
import { shortened } from './shortened.ts'
import type { OperationError, TeamsAsyncOperation } from './teams-async-operation.ts'

export type ParsedOperation =
  | { readonly operation: TeamsAsyncOperation; readonly reason?: never }
  | { readonly operation?: never; readonly reason: string }

/**
 * Takes the JSON of an answer for an operation, or says why it is none: Graph has been seen to answer 200
 * with an empty or odd body. The type is open and its enumerations grow, so unknown properties, statuses and
 * types are kept as they came.
 */
export function parseOperation(body: unknown): ParsedOperation {
  if (!isJsonObject(body)) return { reason: `expected an operation, got ${shortened(body)}` }
  const { id, operationType, createdDateTime, status, lastActionDateTime, attemptsCount } = body
  if (!isText(id)) return unusable('id', TEXT, id)
  if (!isText(operationType)) return unusable('operationType', TEXT, operationType)
  if (!isText(createdDateTime)) return unusable('createdDateTime', TEXT, createdDateTime)
  if (!isText(status)) return unusable('status', TEXT, status)
  if (!isText(lastActionDateTime)) return unusable('lastActionDateTime', TEXT, lastActionDateTime)
  if (!isInteger(attemptsCount)) return unusable('attemptsCount', 'an integer', attemptsCount)

  const { targetResourceId = null, targetResourceLocation = null } = body
  if (!isNullableString(targetResourceId)) return unusable('targetResourceId', NULLABLE, targetResourceId)
  if (!isNullableString(targetResourceLocation)) {
    return unusable('targetResourceLocation', NULLABLE, targetResourceLocation)
  }
  const error = parseError(body.error)
  if (typeof error === 'string') return { reason: error }

  return {
    operation: {
      ...copyOf(body),
      id,
      operationType,
      createdDateTime,
      status,
      lastActionDateTime,
      attemptsCount,
      targetResourceId,
      targetResourceLocation,
      error,
    },
  }
}

/** The error, or what is wrong with it. */
function parseError(error: unknown = null): OperationError | null | string {
  if (error === null) return null
  if (!isJsonObject(error)) return expectation('error', 'an object or null', error)
  const { code = null, message = null } = error
  if (!isNullableString(code)) return expectation('error.code', NULLABLE, code)
  if (!isNullableString(message)) return expectation('error.message', NULLABLE, message)
  return { ...copyOf(error), code, message }
}

/**
 * A copy without two properties that JSON may have. `__proto__`: the next who copies the object by
 * assignment would have its prototype replaced. `@odata.context`: it describes the response and not the
 * operation, and is longer than most of what it comes with.
 */
function copyOf(object: JsonObject): JsonObject {
  const { ['@odata.context']: _context, ['__proto__']: _proto, ...copy } = object
  return copy
}

const TEXT = 'a non-empty string'
const NULLABLE = 'a string or null'

function unusable(name: string, expected: string, got: unknown): ParsedOperation {
  return { reason: expectation(name, expected, got) }
}

function expectation(name: string, expected: string, got: unknown): string {
  return `expected \`${name}\` to be ${expected}, got ${shortened(got)}`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value)
}

function isNullableString(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}
