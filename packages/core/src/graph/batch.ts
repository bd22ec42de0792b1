import { shortened } from '../operation/shortened.ts'
import { decodeBase64 } from './base64.ts'
import { isJsonObject, type JsonObject } from '../operation/json-object.ts'
import { parseJson } from './parse-json.ts'
import type { ReceivedAnswer } from './to-answer.ts'

/** How many requests Graph takes in one `$batch`. */
export const MAX_BATCH_ITEMS = 20

/** One GET in a batch. */
export interface BatchItem {
  /** Below the version, percent-encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** What an item was answered with, or why that cannot be said. */
export type BatchItemAnswer = ReceivedAnswer | { readonly reason: string }

/**
 * The body of a `POST /$batch`. The ids are the places of the items, from 1.
 *
 * @see https://learn.microsoft.com/graph/json-batching
 */
export function encodeBatch(items: readonly BatchItem[]): string {
  const requests = items.map(({ path, headers }, index) => ({
    id: idOf(index),
    method: 'GET',
    url: path,
    headers,
  }))
  return JSON.stringify({ requests })
}

/**
 * The answers in the body of a batch that succeeded, in the order of the items: Graph sends them in any
 * order, so only their ids count. Ids that were not asked for are passed over, and of two answers with the
 * same id the first one counts.
 *
 * @param count of the items that were sent; as many answers come back
 */
export function decodeBatch(body: unknown, count: number): readonly BatchItemAnswer[] {
  const responses = isJsonObject(body) ? body.responses : undefined
  if (!Array.isArray(responses)) {
    const reason = `expected a batch with \`responses\`, got ${shortened(isJsonObject(body) ? responses : body)}`
    return Array.from({ length: count }, () => ({ reason }))
  }
  const byId = new Map<string, JsonObject>()
  for (const response of responses) {
    if (isJsonObject(response) && !byId.has(String(response.id))) byId.set(String(response.id), response)
  }
  return Array.from({ length: count }, (_, index) => decodeItem(byId.get(idOf(index)), idOf(index)))
}

function idOf(index: number): string {
  return String(index + 1)
}

function decodeItem(response: JsonObject | undefined, id: string): BatchItemAnswer {
  if (!response) return { reason: `expected an answer to item ${id} of the batch, got none` }
  const { status, headers, body } = response
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 599) {
    return { reason: `expected item ${id} of the batch to have an HTTP status, got ${shortened(status)}` }
  }
  return {
    status,
    headers: caseInsensitive(headers),
    body: typeof body === 'string' ? decodeText(body) : body,
  }
}

/** A body that Graph does not know to be JSON comes as text, or as text in base64. */
function decodeText(body: string): unknown {
  return parseJson(body) ?? parseJson(decodeBase64(body) ?? '') ?? body
}

function caseInsensitive(headers: unknown): ReceivedAnswer['headers'] {
  const byName = new Map<string, string>()
  for (const [name, value] of Object.entries(isJsonObject(headers) ? headers : {})) {
    if (typeof value === 'string' || typeof value === 'number') byName.set(name.toLowerCase(), String(value))
  }
  return { get: (name) => byName.get(name.toLowerCase()) ?? null }
}
