import { GraphQLError, type ExecutionResult, type GraphQLErrorExtensions } from 'graphql'
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

/** The result with the status that GraphQL over HTTP gives to one without `data`. */
export function withStatus(result: ExecutionResult): ExecutionResult {
  if (result.data !== undefined || !result.errors) return result
  return {
    errors: result.errors.map((error) =>
      withHttp(error, {
        spec: true,
        status: error.extensions['code'] === 'INTERNAL_SERVER_ERROR' ? 500 : 400,
      }),
    ),
  }
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
  return withHttp(present(error, 'BAD_REQUEST'), { status: 500, ...http, spec: false })
}

function withHttp(error: GraphQLError, http: HttpExtension): GraphQLError {
  const { message, nodes, source, positions, path, extensions } = error
  return new GraphQLError(message, { nodes, source, positions, path, extensions: { ...extensions, http } })
}
