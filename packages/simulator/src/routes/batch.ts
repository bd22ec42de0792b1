import type { SimulatedRequest } from '../exchange.ts'
import type { Random } from '../random.ts'
import { isJsonObject, jsonOf, textOf, type Reply } from '../reply.ts'
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

function problemOf(items: readonly BatchItem[]): GraphError | undefined {
  if (items.length === 0) return badRequest('Invalid batch payload format: there are no requests.')
  if (items.length > MAX_BATCH_SIZE) {
    return badRequest(`Number of batch request steps exceeds the maximum value of ${MAX_BATCH_SIZE}.`)
  }
  const ids = new Set<string>()
  for (const { id } of items) {
    if (ids.has(id.toLowerCase())) return badRequest(`Request Id : ${id} is not unique within the batch.`)
    ids.add(id.toLowerCase())
  }
  const done = new Set<string>()
  let left = items
  while (left.length > 0) {
    const ready = left.filter(({ dependsOn }) => dependsOn.every((id) => done.has(id.toLowerCase())))
    const [first] = left
    if (ready.length === 0)
      return badRequest(`Request Id : ${first?.id} depends on what is not in the batch, or on itself.`)
    for (const { id } of ready) done.add(id.toLowerCase())
    left = left.filter(({ id }) => !done.has(id.toLowerCase()))
  }
  return undefined
}

function parseItem(item: unknown, base: string): BatchItem | GraphError {
  if (!isJsonObject(item)) return badRequest('Invalid batch payload format: a request is not an object.')
  const { id, method, url, headers, body, dependsOn } = item
  if (typeof id !== 'string' || id === '')
    return badRequest('Batch request id must be a string that is not empty.')
  if (typeof method !== 'string') return badRequest(`Request Id : ${id} has no method.`)
  if (typeof url !== 'string' || url === '' || /^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(url)) {
    return badRequest(`Request Id : ${id} needs a relative url.`)
  }
  if (/^\/?\$batch(?:[/?#]|$)/i.test(url)) return badRequest(`Request Id : ${id} is a batch within a batch.`)
  const named = lowerCaseNames(headers)
  if (named === undefined) return badRequest(`Request Id : ${id} has headers that are not texts.`)
  const isWrite = method.toUpperCase() !== 'GET'
  if (isWrite && (body === undefined || named['content-type'] === undefined)) {
    return badRequest(`Write request id : ${id} does not contain Content-Type header or body.`)
  }
  if (dependsOn !== undefined && !isArrayOfTexts(dependsOn))
    return badRequest(`Request Id : ${id} has no usable dependsOn.`)
  const absolute = `${base}/${url.replace(/^\//, '')}`
  // Dots in the path must not lead to another version.
  if (!URL.canParse(absolute) || !new URL(absolute).href.startsWith(`${base}/`)) {
    return badRequest(`Request Id : ${id} needs a relative url.`)
  }
  return {
    id,
    dependsOn: dependsOn ?? [],
    request: {
      method: method.toUpperCase(),
      url: new URL(absolute),
      headers: named,
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    },
  }
}

function isArrayOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
}

function lowerCaseNames(headers: unknown): Readonly<Record<string, string>> | undefined {
  if (headers === undefined || headers === null) return {}
  if (!isJsonObject(headers)) return undefined
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  if (!entries.every((entry): entry is readonly [string, string] => typeof entry[1] === 'string'))
    return undefined
  return Object.fromEntries(entries)
}

/**
 * Answers the items of a batch, each when those that it depends on have been answered, and puts the
 * answers into one, in an order of its own: who reads it must go by the identifiers.
 */
export async function answerBatch(
  items: readonly BatchItem[],
  answer: (item: BatchItem) => Promise<Reply>,
  random: Random,
): Promise<Reply> {
  const replies = new Map<string, Promise<Reply>>()
  const waiting = new Map(items.map((item) => [item.id.toLowerCase(), item]))
  const answerOnce = (item: BatchItem): Promise<Reply> => {
    const key = item.id.toLowerCase()
    const known = replies.get(key)
    if (known) return known
    const before = item.dependsOn
      .map((id) => waiting.get(id.toLowerCase()))
      .filter((other) => other !== undefined)
    const reply =
      before.length === 0
        ? answer(item)
        : Promise.all(before.map(answerOnce)).then((earlier) =>
            earlier.every(({ status }) => status < 400) ? answer(item) : failedDependency,
          )
    replies.set(key, reply)
    return reply
  }
  const answered = await Promise.all(items.map(answerOnce))
  const responses = answered.flatMap((reply, index) => itemsOf((items[index] as BatchItem).id, reply))
  // An item that never ends keeps its envelope from coming.
  const isHeldUp = answered.some(({ delivery }) => delivery === 'silent' || delivery === 'stalled')
  return {
    status: 200,
    headers: {},
    body: { json: { responses: shuffle(responses, random) } },
    delivery: isHeldUp ? 'silent' : 'whole',
  }
}

const failedDependency: Reply = {
  status: 424,
  headers: { 'content-type': 'application/json' },
  body: {
    json: {
      error: {
        code: 'FailedDependency',
        message: 'Failed Dependency: a request that this one depends on has failed.',
      },
    },
  },
}

/** What one reply becomes in the envelope: one item, unless a fault makes it none or two. */
function itemsOf(id: string, reply: Reply): unknown[] {
  const { asItem } = reply
  if (asItem === 'missing' || reply.delivery === 'dropped' || reply.delivery === 'cut') return []
  if (typeof asItem === 'object') return [asItem.insteadOf]
  const body = jsonOf(reply.body) ?? textOf(reply.body)
  const item = {
    id,
    status: reply.status,
    headers: titleCaseNames(reply.headers),
    ...(body === undefined ? {} : { body }),
  }
  return asItem === 'twice' ? [item, item] : [item]
}

function titleCaseNames(headers: Reply['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase()),
      value,
    ]),
  )
}

function shuffle<T>(values: readonly T[], random: Random): T[] {
  const shuffled = [...values]
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = random.integer(0, index)
    const value = shuffled[index] as T
    shuffled[index] = shuffled[other] as T
    shuffled[other] = value
  }
  return shuffled
}
