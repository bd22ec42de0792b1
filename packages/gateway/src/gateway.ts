import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock, type Clock, type OperationsClient } from '@teams-operations/core'
import { createAdmission } from './access/admission.ts'
import type { AuthOptions } from './access/auth-options.ts'
import { acceptEverybody } from './access/authenticator.ts'
import { createAuthorization } from './access/authorization.ts'
import { createIdentities } from './access/identities.ts'
import { resolveLimits, type LimitOptions } from './access/limits.ts'
import { asApplication, limitFollowed } from './access/operations-source.ts'
import type { Session } from './access/session.ts'
import type { UserOperations } from './access/user-operations.ts'
import { createTurns } from './access/turns.ts'
import { createUsageMeter } from './access/usage.ts'
import { createErrorPresenter, type ReportUnexpectedError } from './errors/present-error.ts'
import { createExecutor } from './execution/executor.ts'
import { limitExecutor, type CountedContext } from './execution/limit-executor.ts'
import { createReadDocument } from './execution/read-document.ts'
import { createTrustedDocuments, type DocumentsById } from './execution/trusted-documents.ts'
import type { ClosedConnection } from './observability/connection-record.ts'
import { GatewayCounts } from './observability/gateway-counts.ts'
import { guardHook } from './observability/guard-hook.ts'
import type { GatewayStats, RefusalReason } from './observability/gateway-stats.ts'
import type { AuthorizeStart } from './resolvers/start-access.ts'
import { createSchema } from './schema/create-schema.ts'
import { OverviewPace } from './subscriptions/overview-pace.ts'
import { createConnections } from './transports/connections.ts'
import { graphiqlPage, type GraphiQLOptions } from './transports/graphiql-page.ts'
import { createHttpTransport } from './transports/http.ts'
import { createNodeHandler } from './transports/node-handler.ts'
import { createWebSocketTransport, type UpgradeHandler } from './transports/websocket.ts'

export interface GatewayOptions {
  /**
   * What follows the operations: a client, which reads Graph as the application, or what creates one for each
   * user, to read it on behalf of them. Stays yours: disposing the gateway does not dispose it.
   */
  readonly operations: OperationsClient | UserOperations
  /** Where GraphQL is served. @default '/graphql' */
  readonly path?: string | undefined
  /**
   * Names, besides those of this machine itself, under which clients reach the gateway. Requests for any
   * other are refused.
   *
   * @default none
   */
  readonly allowedHosts?: readonly string[] | undefined
  /**
   * Origins, such as `https://app.example.com`, whose pages may use the gateway from a browser, besides
   * its own. For CORS and WebSocket alike.
   *
   * @default none
   */
  readonly allowedOrigins?: readonly string[] | undefined
  /**
   * Who may use the gateway, and what they may see.
   *
   * @default whoever reaches it, and everything
   */
  readonly auth?: AuthOptions | undefined
  /** The page for people, at the same path; `false` for none. @default {} */
  readonly graphiql?: GraphiQLOptions | false | undefined
  /**
   * Told of every error that nobody foresaw, with the id that the client was given in place of it; also of those
   * of the other functions that are told something.
   *
   * @default nobody is told
   */
  readonly onUnexpectedError?: ReportUnexpectedError | undefined
  /**
   * Whether operations may be started: by everybody who may use the gateway, in a team only by those whom
   * `authorizeOwner` lets ask for its operations; or by those of whom the function says so, within 10 seconds.
   * Without it, the schema has no mutations.
   *
   * @default false
   */
  readonly allowStart?: boolean | AuthorizeStart | undefined
  /**
   * How much a client may ask for, and how often. Each has a default; `Infinity` switches one off.
   *
   * @default those of {@link Limits}
   */
  readonly limits?: LimitOptions | undefined
  /**
   * Documents that clients may name by an id instead of sending them, by that id: as `documentId`, or in
   * `extensions.persistedQuery.sha256Hash`. They are trusted: the limits of documents do not hold for them.
   *
   * @default none
   */
  readonly documents?: DocumentsById | undefined
  /** Whether only those of {@link documents} are executed, by their id or in full. @default false */
  readonly onlyPersisted?: boolean | undefined
  /**
   * Tells strangers nothing that they do not need: no introspection, no GraphiQL, no suggestions in errors.
   *
   * @default false
   */
  readonly production?: boolean | undefined
  /** How often idle connections are kept alive, in milliseconds. @default 25_000 */
  readonly keepAliveMs?: number | undefined
  /** Told of every WebSocket and event stream that has ended. @default nobody is told */
  readonly onConnectionClosed?: ((connection: ClosedConnection) => void) | undefined
  /**
   * Told of everybody who was turned away at the door, and which site's page sent them, if any did.
   *
   * @default nobody is told
   */
  readonly onTurnedAway?: ((reason: RefusalReason, origin: string | undefined) => void) | undefined
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
}

/** GraphQL for operations, to be mounted into a server: it listens nowhere itself. */
export interface Gateway extends AsyncDisposable {
  /**
   * Answers HTTP requests, with JSON or with server-sent events. A mutation begins when the body of its answer
   * is read.
   */
  fetch(request: Request): Promise<Response>
  /** The same for the event `request` of a Node server. */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => void
  /** For the event `upgrade` of a Node server: GraphQL over WebSocket. Refuses other paths than its own. */
  readonly handleUpgrade: UpgradeHandler
  /**
   * Asks again what those may see who are there: all of them, or one principal. Subscriptions to what may no
   * longer be seen end, with the error `FORBIDDEN`.
   */
  revalidate(principalId?: string): void
  /**
   * Ends all connections of a principal, who has signed out or been blocked: WebSockets with 4403, event
   * streams without `complete`. They come back, unless the authenticator refuses them from now on.
   */
  dismiss(principalId: string): void
  /** Whether it serves only those who have proved who they are. Otherwise nobody else should reach it. */
  readonly isAuthenticated: boolean
  /** How many WebSockets and event streams are open. */
  readonly openConnections: number
  stats(): GatewayStats
  /**
   * Takes no more requests, and ends all subscriptions so that their clients come back: WebSockets with the
   * close code 1012, event streams without `complete`; many of them in waves, so that not all come back at
   * once. Resolves when all have ended, by force after `withinMs` (3,000 by default).
   */
  drain(withinMs?: number): Promise<void>
}

/** Lists of one user that wait for Graph at a time. They wait there in the order in which they come. */
const LISTS_AT_A_TIME = 5

/**
 * Creates a gateway.
 *
 * @throws TypeError when a limit or a document is not as it has to be
 */
export function createGateway(options: GatewayOptions): Gateway {
  const {
    operations,
    path = '/graphql',
    allowedHosts = [],
    allowedOrigins = [],
    auth = {},
    clock = systemClock,
  } = options
  const { graphiql = {}, production = false, keepAliveMs = 25_000 } = options
  const { allowStart = false } = options
  // Nobody is left to be told of what that one throws.
  const onUnexpectedError = guardHook(options.onUnexpectedError, () => {})
  const onUnexpected = (error: unknown): void => onUnexpectedError(error, crypto.randomUUID())
  const onTurnedAway = guardHook(options.onTurnedAway, onUnexpected)
  const limits = resolveLimits(options.limits ?? {})
  const counts = new GatewayCounts()
  const present = createErrorPresenter(onUnexpectedError, {
    suggestions: !production,
    onPresented: (code) => counts.error(code),
  })
  const connections = createConnections({
    clock,
    random: Math.random,
    max: limits.maxConnections,
    counts,
    onClosed: guardHook(options.onConnectionClosed, onUnexpected),
  })
  const schema = createSchema({ allowStart: allowStart !== false })
  const trusted = createTrustedDocuments({ ...options, schema })
  const readDocument = createReadDocument({ schema, present, limits, trusted, introspection: !production })
  const { authenticator = acceptEverybody } = auth
  const onRefused = guardHook(auth.onRefused, onUnexpected)
  const authorization = createAuthorization(auth, { allowStart, clock, onRefused })
  const context = {
    clock,
    maxRefs: limits.maxRefs,
    overviewPace: new OverviewPace(clock),
    authorizeStart: authorization.allowsStart,
  }
  const listsOfUsers = createTurns<string>(LISTS_AT_A_TIME)
  const isAuthenticated = authenticator !== acceptEverybody
  const identities = createIdentities({
    authenticator,
    authorization,
    source: limitFollowed(
      'lease' in operations ? operations : asApplication(operations),
      limits.maxFollowedOperations,
    ),
    clock,
    random: Math.random,
    onRefused,
    onUnexpectedError: onUnexpected,
  })
  const executor = createExecutor({ schema, present, readDocument, counts })
  const shared = {
    path,
    clock,
    keepAliveMs,
    connections,
    present,
    allowedOrigins,
    limits,
    meter: createUsageMeter(limits, clock, counts),
    admit: createAdmission({ allowedHosts, allowedOrigins }),
    identities,
    executor: limitExecutor(executor, limits, present),
    createContext: ({ identity, usage, signal }: Session): CountedContext => ({
      ...context,
      operations: identity.operations,
      principal: identity.principal,
      access: identity.access,
      // Where there is no authentication nobody can be told from others.
      inTurn: (list) => (isAuthenticated ? listsOfUsers.take(identity.principal.id, signal, list) : list()),
      usage,
      signal,
    }),
    onTurnedAway: (reason: RefusalReason, origin: string | undefined) => {
      counts.refused(reason)
      onTurnedAway(reason, origin)
    },
    onUnexpectedError: onUnexpected,
  }
  const http = createHttpTransport({
    ...shared,
    page:
      graphiql === false || production
        ? undefined
        : graphiqlPage(path, { ...graphiql, asksForToken: isAuthenticated }),
    hints: !production,
  })
  const drain = (withinMs = 3_000): Promise<void> => connections.closeAll(withinMs)

  return {
    fetch: async (request) => http.fetch(request),
    handleRequest: createNodeHandler({
      clock,
      slowClientMs: limits.slowClientMs,
      answer: (request, response) => http.handleNodeRequestAndResponse(request, response),
      onUnexpectedError: onUnexpected,
    }),
    handleUpgrade: createWebSocketTransport(shared),
    revalidate: (principalId) => identities.revalidate(principalId),
    dismiss: (principalId) => identities.dismiss(principalId),
    isAuthenticated,
    get openConnections() {
      return connections.size
    },
    stats: () => counts.read(),
    drain,
    [Symbol.asyncDispose]: () => drain(),
  }
}
