import type { ExecutionResult } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import type { Limits } from '../access/limits.ts'
import type { Session } from '../access/session.ts'
import type { PresentError } from '../errors/present-error.ts'
import { TooManySubscriptionsError } from '../errors/too-many-subscriptions-error.ts'
import { UnrepeatableError } from '../errors/unrepeatable-error.ts'
import type { CountedContext } from '../execution/limit-executor.ts'
import type { RefusedOperation } from '../execution/operation-request.ts'
import { httpError, presentRequestError, withStatus } from './http-status.ts'
import { asksForEvents } from './media-types.ts'
import { MAX_ID_CHARACTERS } from './operation-id.ts'
import { operationIn } from './operation-params.ts'
import { createReservations, hasToken, type ReservationsOptions } from './reservations.ts'

export interface SingleConnectionOptions extends ReservationsOptions {
  readonly createContext: (session: Session) => CountedContext
  readonly limits: Limits
  readonly present: PresentError
}

/**
 * The "single connection mode" of the GraphQL over SSE protocol: a client reserves a stream (PUT), opens it
 * (GET), starts operations with requests of their own whose results come over the stream, and stops them
 * (DELETE). For browsers without HTTP/2, which have six connections to a host.
 *
 * A reservation is of whoever made it: to anybody else, also with its token, there is none.
 *
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#single-connection-mode
 */
export function singleConnections(options: SingleConnectionOptions): Plugin {
  const { executor, createContext, limits, present } = options
  const reservations = createReservations(options)
  const accepted = new WeakSet<Request>()

  function accept(request: Request, params: GraphQLParams): ExecutionResult {
    const { session, stream } = reservations.of(request)
    const id = checkId(params.extensions?.['operationId'])
    if (stream.has(id)) {
      throw httpError('Expected an `operationId` that is not in use, got one that is.', { status: 409 })
    }
    if (stream.size >= limits.maxSubscriptionsPerConnection) {
      throw new TooManySubscriptionsError(
        `Expected at most ${limits.maxSubscriptionsPerConnection} operations over one stream at a time, got one more.`,
      )
    }
    const operation = executor.prepare(operationIn(params), createContext(session))
    if ('errors' in operation) return refused(operation)
    if (operation.type === 'mutation') return refused({ errors: [new UnrepeatableError()] })
    stream.start(id, operation)
    accepted.add(request)
    return {}
  }

  function answer(request: Request, url: URL): Response | undefined {
    const { method } = request
    if (method === 'PUT') return reservations.add(request)
    if (method === 'DELETE') {
      reservations.of(request).stream.stop(checkId(url.searchParams.get('operationId')))
      return new Response(null)
    }
    return method === 'GET' && hasToken(request) && asksForEvents(request)
      ? reservations.of(request).open(request)
      : undefined
  }

  return {
    onRequest({ request, url, endResponse }) {
      try {
        const response = answer(request, url)
        if (response) endResponse(response)
      } catch (error) {
        endResponse(refusal(error, present))
      }
    },
    onParams({ request, setParamsHandler }) {
      if (hasToken(request)) setParamsHandler(({ params }) => accept(request, params))
    },
    onResultProcess({ request, setResultProcessor }) {
      if (accepted.has(request)) setResultProcessor(() => new Response(null, { status: 202 }), 'text/plain')
    },
  }
}

/** @throws GraphQLError when it is not one */
function checkId(id: unknown): string {
  if (typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARACTERS) return id
  throw httpError(
    `Expected an \`operationId\` of 1 to ${MAX_ID_CHARACTERS} characters, to tell its events by.`,
    { status: 400 },
  )
}

/** Clients look at the status to tell that nothing will come over the stream. */
function refused(operation: RefusedOperation): ExecutionResult {
  return withStatus(operation, false)
}

/** In the shape of a GraphQL response, so that clients understand it. */
function refusal(thrown: unknown, present: PresentError): Response {
  const { message, extensions } = presentRequestError(thrown, present)
  const { http, ...others } = extensions
  return Response.json(
    { errors: [{ message, extensions: others }] },
    { status: http?.status ?? 500, headers: http?.headers ?? {} },
  )
}
