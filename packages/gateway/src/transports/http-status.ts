import { GraphQLError, type ExecutionResult, type GraphQLErrorExtensions } from 'graphql'
import { isErrorCode, type ErrorCode } from '../errors/error-code.ts'
import type { PresentError } from '../errors/present-error.ts'

/**
 * Where Yoga looks for the status of a response. `spec` marks the status of GraphQL over HTTP, which clients
 * that ask for `application/json` get as 200. It never leaves the gateway: Yoga takes it out.
 */
type HttpExtension = NonNullable<GraphQLErrorExtensions['http']>

/** An operation that can't be answered over HTTP in this way. */
export function httpError(message: string, http: HttpExtension): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http } })
}

/**
 * The result with the status that GraphQL over HTTP gives to one without `data`.
 *
 * @param spec whether clients that ask for `application/json` get it as 200
 */
export function withStatus(result: ExecutionResult, spec = true): ExecutionResult {
  if (result.data !== undefined || !result.errors) return result
  return {
    errors: result.errors.map((error) => withHttp(error, forNow(error) ?? { spec, status: statusOf(error) })),
  }
}

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
}

/** The status of an error because of which there is nothing else to answer. */
export function statusOf({ extensions: { code } }: GraphQLError): number {
  return (isErrorCode(code) ? statuses[code] : undefined) ?? 400
}

/** The status of what is refused only for now: for all clients, and for proxies. */
function forNow({ extensions }: GraphQLError): HttpExtension | undefined {
  const { code, retryAfter = 5 } = extensions
  const status = isErrorCode(code) ? passing[code] : undefined
  return status === undefined ? undefined : { status, headers: { 'Retry-After': String(retryAfter) } }
}

const passing: Readonly<Partial<Record<ErrorCode, number>>> = {
  THROTTLED: 429,
  TOO_MANY_SUBSCRIPTIONS: 429,
  SERVICE_UNAVAILABLE: 503,
}

/**
 * Presents what went wrong before there was an operation: a body that is too large, or not JSON. Such a
 * status is for all clients.
 */
export function presentRequestError(error: unknown, present: PresentError): GraphQLError {
  if (error instanceof SyntaxError) {
    return presentRequestError(
      httpError('Expected JSON in the parameters of the URL.', { status: 400 }),
      present,
    )
  }
  const http = error instanceof GraphQLError ? error.extensions.http : undefined
  const presented = present(error, 'BAD_REQUEST')
  return withHttp(presented, { status: statusOf(presented), ...forNow(presented), ...http, spec: false })
}

function withHttp(error: GraphQLError, http: HttpExtension): GraphQLError {
  const { message, nodes, source, positions, path, extensions } = error
  return new GraphQLError(message, { nodes, source, positions, path, extensions: { ...extensions, http } })
}
