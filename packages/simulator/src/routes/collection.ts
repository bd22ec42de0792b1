import { isJsonObject, type Reply } from '../reply.ts'
import { badRequest, parseJson } from './graph-error.ts'
import { contextOf, ok, type RouteCall } from './route.ts'

export interface CollectionOptions {
  /** Behind `$metadata#` in the context. */
  readonly context: string
  readonly headers?: Reply['headers'] | undefined
}

interface Page {
  readonly offset: number
  readonly size: number
}

/**
 * A page of a collection with `$top`, `$skip`, `$select` and `$count`. `$top` is the size of a page, as in
 * the other lists of Teams; the `@odata.nextLink` is absolute, and what is in its `$skiptoken` is nobody's
 * business.
 */
export function collection<Item>(
  call: RouteCall,
  items: readonly Item[],
  toJson: (item: Item) => Readonly<Record<string, unknown>>,
  { context, headers }: CollectionOptions,
): Reply {
  const { searchParams } = call.exchange.request.url
  const select = selectedProperties(call)
  const { offset, size } = pageOf(call)
  const value = items.slice(offset, offset + size).map((item) => selectFrom(toJson(item), select))
  const hasMore = offset + size < items.length
  return ok(
    {
      '@odata.context': contextOf(call, context + contextSuffix(select)),
      ...(searchParams.get('$count') === 'true' ? { '@odata.count': items.length } : {}),
      ...(hasMore ? { '@odata.nextLink': nextLink(call, { offset: offset + size, size }) } : {}),
      value,
    },
    headers,
  )
}

/** The answer of a `/$count`. */
export function countReply(items: readonly unknown[]): Reply {
  return { status: 200, headers: {}, body: { text: String(items.length), contentType: 'text/plain' } }
}

/** The properties that `$select` asks for; `undefined` for all of them. */
export function selectedProperties({ exchange }: RouteCall): readonly string[] | undefined {
  const select = exchange.request.url.searchParams.get('$select')
  if (select === null || select.trim() === '') return undefined
  return select.split(',').map((name) => name.trim())
}

export function selectFrom(
  json: Readonly<Record<string, unknown>>,
  select: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  if (!select) return json
  return Object.fromEntries(Object.entries(json).filter(([name]) => select.includes(name)))
}

export function contextSuffix(select: readonly string[] | undefined): string {
  return select ? `(${select.join(',')})` : ''
}

function pageOf({ exchange, pageSize }: RouteCall): Page {
  const { searchParams } = exchange.request.url
  const token = searchParams.get('$skiptoken')
  if (token !== null) return decodeSkipToken(token)
  const top = wholeNumber(searchParams, '$top') ?? pageSize
  if (top < 1 || top > 999)
    throw badRequest(`The limit of '999' for Top query has been exceeded or is not positive: '${top}'.`)
  return { offset: wholeNumber(searchParams, '$skip') ?? 0, size: top }
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw badRequest(
    `Invalid value '${text}' for ${name} query option found. It must be a non-negative integer.`,
  )
}

function nextLink({ exchange }: RouteCall, page: Page): string {
  const { url } = exchange.request
  const query = [...url.searchParams].filter(([name]) => !['$skip', '$skiptoken', '$top'].includes(name))
  query.push(['$skiptoken', btoa(JSON.stringify(page))])
  const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return `${url.origin}${url.pathname}?${search}`
}

function decodeSkipToken(token: string): Page {
  const page = parseJson(decodeBase64(token))
  if (isJsonObject(page) && typeof page['offset'] === 'number' && typeof page['size'] === 'number') {
    return { offset: page['offset'], size: page['size'] }
  }
  throw badRequest('The skip token is not valid.')
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    return ''
  }
}
