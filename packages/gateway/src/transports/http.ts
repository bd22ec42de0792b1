import type { Clock } from '@teams-operations/core'
import type { ExecutionArgs, ExecutionResult } from 'graphql'
import {
  createYoga,
  type CORSOptions,
  isAsyncIterable,
  type GraphQLParams,
  type Plugin,
  type YogaServerInstance,
} from 'graphql-yoga'
import type { Admission } from '../access/admission.ts'
import type { Limits } from '../access/limits.ts'
import type { PresentError } from '../errors/present-error.ts'
import { UnrepeatableError } from '../errors/unrepeatable-error.ts'
import type { Identity } from '../access/identity.ts'
import type { Session } from '../access/session.ts'
import type { Identities } from '../access/identities.ts'
import type { UsageMeter } from '../access/usage.ts'
import type { CountedContext, LimitedExecutor } from '../execution/limit-executor.ts'
import type { ResultStream } from '../execution/present-results.ts'
import { jsonOf } from '../execution/shared-result.ts'
import { whenEnded } from '../execution/when-ended.ts'
import type { RefusalReason } from '../observability/gateway-stats.ts'
import type { Connections, Place } from './connections.ts'
import { frontDoor, type Page } from './front-door.ts'
import { challengedBy, createHttpAuthentication, type HttpAuthentication } from './http-authentication.ts'
import { httpError, presentRequestError, withStatus } from './http-status.ts'
import { keepRequests } from './keep-requests.ts'
import { respondLate } from './late-answer.ts'
import { acceptedStreamType, acceptsJson, isJson, jsonTypeFor, type StreamType } from './media-types.ts'
import { multipartSubscription } from './multipart.ts'
import { operationIn } from './operation-params.ts'
import { DOCUMENT_ID, persistedDocuments } from './persisted-documents.ts'
import { respondWithResults, type ResultFormat } from './result-body.ts'
import { serverSentEvents } from './server-sent-events.ts'
import { singleConnections } from './single-connection.ts'

export interface HttpTransportOptions {
  readonly path: string
  readonly admit: Admission
  readonly allowedOrigins: readonly string[]
  readonly executor: LimitedExecutor
  readonly present: PresentError
  readonly createContext: (session: Session) => CountedContext
  readonly identities: Identities
  readonly meter: UsageMeter
  readonly connections: Connections
  readonly clock: Clock
  readonly limits: Limits
  readonly keepAliveMs: number
  /** What browsers get at `path`. */
  readonly page: Page | undefined
  /** Whether those who are lost are told where to go. */
  readonly hints: boolean
  readonly onTurnedAway: (reason: RefusalReason, origin: string | undefined) => void
}

export type HttpTransport = YogaServerInstance<object, object>

/**
 * GraphQL over HTTP and server-sent events. Yoga reads requests and writes responses; what happens in
 * between is the executor's, as for every other transport.
 */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { path, allowedOrigins, present, limits } = options
  const authentication = createHttpAuthentication(options)
  const streams = new WeakMap<Request, AskedStream>()
  const mutations = new WeakMap<Request, AskedMutation>()
  return createYoga({
    graphqlEndpoint: path,
    plugins: [
      keepRequests(),
      frontDoor({ ...options, authentication }),
      jsonBodiesOnly(options),
      persistedDocuments,
      execution({ ...options, authentication, streams, mutations }),
      resultStreams({ ...options, streams }),
      lateAnswers(mutations),
      singleConnections({ ...options, authentication }),
    ],
    extraParamNames: [DOCUMENT_ID],
    cors: allowedOrigins.length === 0 ? false : (request) => corsFor(request, allowedOrigins),
    maxRequestBodySize: limits.maxBodyBytes,
    maskedErrors: { maskError: (error) => presentRequestError(error, present) },
    // The standard classes, so that what `fetch` returns is a Response everywhere.
    fetchAPI: { Request, Response, Headers, ReadableStream, TransformStream, TextEncoder, URL },
    graphiql: false,
    landingPage: false,
    // Yoga takes every URL that ends in this for its health check, and none ends in a line break.
    healthCheckEndpoint: '\n',
    multipart: false,
    logging: false,
  })
}

/** Whose the subscription is that a request asks for, and where it is counted. */
interface AskedStream {
  readonly session: Session
  readonly place: Place
}

/** A mutation that a request asks for, and that has not begun. */
interface AskedMutation {
  readonly session: Session
  execute(): Promise<ExecutionResult>
}

interface ExecutionOptions extends HttpTransportOptions {
  readonly authentication: HttpAuthentication
  readonly streams: WeakMap<Request, AskedStream>
  readonly mutations: WeakMap<Request, AskedMutation>
}

/** Hands operations to the executor instead of to Yoga's own engine. */
function execution(options: ExecutionOptions): Plugin {
  const { executor, createContext, identities, authentication, streams, mutations, meter, connections } =
    options
  const { present } = options

  async function run(request: Request, params: GraphQLParams): Promise<ExecutionResult | ResultStream> {
    const identity = identities.open(authentication.proofOf(request))
    try {
      const result = await answer(request, params, identity)
      if (mutations.has(request)) return result
      if (!('next' in result)) {
        identity.end()
        return result
      }
      return whenEnded(result, () => identity.end())
    } catch (error) {
      identity.end()
      throw error
    }
  }

  async function answer(
    request: Request,
    params: GraphQLParams,
    identity: Identity,
  ): Promise<ExecutionResult | ResultStream> {
    const session: Session = { identity, usage: meter(identity.principal), signal: request.signal }
    const operation = executor.prepare(operationIn(params), createContext(session))
    if ('errors' in operation) return withStatus(operation)
    const { type, args } = operation
    if (type === 'mutation' && request.method === 'GET') {
      throw httpError('Expected a mutation to be sent with POST, got GET.', {
        status: 405,
        headers: { Allow: 'POST' },
      })
    }
    if (type === 'mutation' && !acceptsJson(request)) return withStatus({ errors: [new UnrepeatableError()] })
    if (type === 'mutation') {
      // By the time that it may begin, its user may be gone.
      const execute = async (): Promise<ExecutionResult> =>
        identity.reason ? { errors: [present(identity.reason)] } : executor.execute(args)
      mutations.set(request, { session, execute })
      return {}
    }
    if (type === 'query') {
      const result = await executor.execute(args)
      // Other transports have closed by now.
      if (identity.reason) throw challengedBy(identity.reason)
      return withStatus(result)
    }
    if (!acceptedStreamType(request)) {
      throw httpError(
        'Subscriptions are answered with text/event-stream or multipart/mixed;subscriptionSpec=1.0, or over WebSocket. ' +
          'Expected an Accept header that allows one of the former.',
        { status: 406 },
      )
    }
    return openStream(request, args, session)
  }

  /** An event stream is a connection with one subscription. */
  async function openStream(request: Request, args: ExecutionArgs, session: Session): Promise<ResultStream> {
    const place = connections.reserve()
    const end = (): void => {
      place.release()
      session.usage.close()
    }
    try {
      session.usage.connect()
      const results = whenEnded(await executor.subscribe(args), end)
      streams.set(request, { session, place })
      return results
    } catch (error) {
      end()
      throw error
    }
  }

  return {
    onParams({ setParamsHandler }) {
      setParamsHandler(({ request, params }) => run(request, params))
    },
  }
}

/** Writes streams of results in our own way. */
function resultStreams(options: HttpTransportOptions & Pick<ExecutionOptions, 'streams'>): Plugin {
  return {
    onResultProcess(processing) {
      const { result, request } = processing
      if (!isAsyncIterable(result)) return
      const stream = options.streams.get(request)
      if (!stream) return
      const type = acceptedStreamType(request) ?? 'text/event-stream'
      const origin = request.headers.get('origin') ?? undefined
      processing.setResultProcessor(
        () => respondWithResults(result, formats[type], { ...options, ...stream, origin }),
        type,
      )
    },
  }
}

/** Has mutations begin when their answer is on its way. */
function lateAnswers(mutations: WeakMap<Request, AskedMutation>): Plugin {
  return {
    onResultProcess({ request, setResultProcessor }) {
      const mutation = mutations.get(request)
      if (!mutation) return
      const { session, execute } = mutation
      const { identity, signal } = session
      const contentType = jsonTypeFor(request)
      const respond = (): Response =>
        respondLate(async () => jsonOf(await execute()), { contentType, signal, onEnd: () => identity.end() })
      setResultProcessor(respond, contentType)
    },
  }
}

const formats: Readonly<Record<StreamType, ResultFormat>> = {
  'text/event-stream': serverSentEvents,
  'multipart/mixed': multipartSubscription,
}

/** Other bodies than JSON can be sent from any site without a preflight, and nobody needs them. */
function jsonBodiesOnly({ onTurnedAway }: HttpTransportOptions): Plugin {
  return {
    onRequestParse({ request, endResponse }) {
      if (request.method !== 'POST' || isJson(request)) return
      onTurnedAway('media-type', request.headers.get('origin') ?? undefined)
      endResponse(new Response('Expected a body of the type application/json.', { status: 415 }))
    },
  }
}

function corsFor(request: Request, allowedOrigins: readonly string[]): CORSOptions | false {
  const origin = request.headers.get('origin')
  if (origin === null || !allowedOrigins.includes(origin)) return false
  return {
    origin,
    // Nothing here comes with cookies.
    credentials: false,
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: ['Retry-After', 'WWW-Authenticate'],
    maxAge: PREFLIGHT_MAX_AGE_S,
  }
}

const PREFLIGHT_MAX_AGE_S = 600
