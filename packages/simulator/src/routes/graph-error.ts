import type { Exchange } from '../exchange.ts'
import { isJsonObject, type Reply } from '../reply.ts'

/** An answer that the routes refuse a request with, in place of the one it asked for. */
export class GraphError extends Error {
  readonly status: number
  readonly code: string
  readonly innerCode: string | undefined

  constructor(status: number, code: string, message: string, innerCode?: string) {
    super(message)
    this.name = 'GraphError'
    this.status = status
    this.code = code
    this.innerCode = innerCode
  }
}

export const badRequest = (message: string): GraphError => new GraphError(400, 'BadRequest', message)

export const notFound = (message: string): GraphError =>
  new GraphError(404, 'NotFound', message, 'ItemNotFound')

/** The members of an error body that belong to the request rather than to the error. */
function correlation(exchange: Exchange): Readonly<Record<string, string>> {
  const clientRequestId = exchange.request.headers['client-request-id'] ?? exchange.requestId
  return {
    date: new Date(exchange.clock.now()).toISOString().slice(0, 19),
    'request-id': exchange.requestId,
    'client-request-id': clientRequestId,
  }
}

/** An error in Graph's shape. */
export function errorReply(exchange: Exchange, error: GraphError, headers: Reply['headers'] = {}): Reply {
  const { status, code, message, innerCode } = error
  const innerError = {
    ...(innerCode === undefined ? {} : { code: innerCode, message }),
    ...correlation(exchange),
  }
  return { status, headers, body: { json: { error: { code, message, innerError } } } }
}

/** A 429 as documented: the inner error says once more what it is, and the message is of no use. */
export function tooManyRequests(exchange: Exchange, headers: Reply['headers']): Reply {
  const innerError = { code: '429', message: 'Please retry after', status: '429', ...correlation(exchange) }
  const error = { code: 'TooManyRequests', innerError, message: 'Please retry again later.' }
  return { status: 429, headers, body: { json: { error } } }
}

/** A request's body as a JSON object; an absent one counts as empty. */
export function jsonBody(exchange: Exchange): Readonly<Record<string, unknown>> {
  const { body } = exchange.request
  if (body.trim() === '') return {}
  const parsed = parseJson(body)
  if (isJsonObject(parsed)) return parsed
  throw badRequest(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  )
}

/** @returns `undefined` for what is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
