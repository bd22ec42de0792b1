import type { SimulatedRequest } from '../exchange.ts'
import { isJsonObject } from '../reply.ts'
import { badRequest, GraphError, parseJson } from './graph-error.ts'

/** How many requests Graph takes in one batch. */
export const MAX_BATCH_SIZE = 20

/** One request in a batch, as it came. */
export interface BatchItem {
  readonly id: string
  readonly request: SimulatedRequest
  readonly dependsOn: readonly string[]
}

export interface ParsedBatch {
  /** What can be made out as a request, also where the batch as a whole is refused. */
  readonly items: readonly BatchItem[]
  /** How many there were, whatever they were. */
  readonly size: number
  readonly error: GraphError | undefined
}

/**
 * Reads the envelope of a `$batch`.
 *
 * @param base origin and version, which the relative URLs of the items belong to
 * @see https://learn.microsoft.com/graph/json-batching
 */
export function parseBatch(body: string, base: string): ParsedBatch {
  const envelope = parseJson(body)
  const requests = isJsonObject(envelope) ? envelope['requests'] : undefined
  if (!Array.isArray(requests)) {
    return {
      items: [],
      size: 0,
      error: badRequest('Invalid batch payload format: expected an array of requests.'),
    }
  }
  const parsed = requests.map((request) => parseItem(request, base))
  const items = parsed.filter((item): item is BatchItem => !(item instanceof GraphError))
  const error = parsed.find((item): item is GraphError => item instanceof GraphError)
  return { items, size: requests.length, error: error ?? problemOf(items) }
}

/** Identifiers are compared without regard to case. */
export function itemKey(id: string): string {
  return id.toLowerCase()
}

function problemOf(items: readonly BatchItem[]): GraphError | undefined {
  if (items.length === 0) return badRequest('Invalid batch payload format: there are no requests.')
  if (items.length > MAX_BATCH_SIZE) {
    return badRequest(`Number of batch request steps exceeds the maximum value of ${MAX_BATCH_SIZE}.`)
  }
  const keys = items.map(({ id }) => itemKey(id))
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index)
  if (repeated !== undefined) return badRequest(`Request Id : ${repeated} is not unique within the batch.`)
  const endless = withoutEnd(items)
  if (!endless) return undefined
  return badRequest(`Request Id : ${endless.id} depends on what is not in the batch, or on itself.`)
}

/** An item that could never be answered, because what it depends on never is. */
function withoutEnd(items: readonly BatchItem[]): BatchItem | undefined {
  const done = new Set<string>()
  let left = items
  while (left.length > 0) {
    const waiting = left.filter(({ dependsOn }) => !dependsOn.every((id) => done.has(itemKey(id))))
    if (waiting.length === left.length) return waiting[0]
    for (const { id } of left) if (!waiting.some((item) => item.id === id)) done.add(itemKey(id))
    left = waiting
  }
  return undefined
}

function parseItem(item: unknown, base: string): BatchItem | GraphError {
  if (!isJsonObject(item)) return badRequest('Invalid batch payload format: a request is not an object.')
  const { id, method, url, headers, body, dependsOn = [] } = item
  if (typeof id !== 'string' || id === '') return badRequest('A batch request needs an id that is not empty.')
  if (typeof method !== 'string') return badRequest(`Request Id : ${id} has no method.`)
  if (!isArrayOfTexts(dependsOn)) return badRequest(`Request Id : ${id} has no usable dependsOn.`)
  const absolute = typeof url === 'string' ? absoluteUrl(url, base) : undefined
  if (!absolute) return badRequest(`Request Id : ${id} needs a relative url.`)
  if (/\/\$batch\/?$/i.test(absolute.pathname))
    return badRequest(`Request Id : ${id} is a batch within a batch.`)
  const named = lowerCaseNames(headers)
  if (!named) return badRequest(`Request Id : ${id} has headers that are not texts.`)
  if (method.toUpperCase() !== 'GET' && (body === undefined || named['content-type'] === undefined)) {
    return badRequest(`Write request id : ${id} does not contain Content-Type header or body.`)
  }
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
  return {
    id,
    dependsOn,
    request: { method: method.toUpperCase(), url: absolute, headers: named, body: text },
  }
}

function absoluteUrl(url: string, base: string): URL | undefined {
  if (url === '' || /^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(url)) return undefined
  const absolute = URL.parse(`${base}/${url.replace(/^\//, '')}`)
  // Dots in the path must not lead to another version.
  return absolute?.href.startsWith(`${base}/`) ? absolute : undefined
}

function isArrayOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
}

function lowerCaseNames(headers: unknown): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(isJsonObject(headers) ? headers : {})
  const named: Record<string, string> = {}
  for (const [name, value] of entries) {
    if (typeof value !== 'string') return undefined
    named[name.toLowerCase()] = value
  }
  return headers === undefined || headers === null || isJsonObject(headers) ? named : undefined
}
