import { isJsonObject } from '../reply.ts'
import { badRequest } from './graph-error.ts'

type JsonObject = Readonly<Record<string, unknown>>

/**
 * A text in a request's body; `undefined` where it is absent, `null` or blank.
 *
 * @throws {GraphError} when it is not a text
 */
export function textIn(body: JsonObject, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string')
    throw badRequest(`Cannot convert the value of '${name}' to the expected type 'Edm.String'.`)
  return value.trim() === '' ? undefined : value
}

/**
 * An array of objects in a request's body; empty where it is absent.
 *
 * @throws {GraphError} when it is something else
 */
export function arrayIn(body: JsonObject, name: string): readonly JsonObject[] {
  const value = body[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every(isJsonObject)) {
    throw badRequest(`The value of '${name}' must be an array of objects.`)
  }
  return value
}
