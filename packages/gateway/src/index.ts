export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'

/* Who may use it, and what they may see */
export type { AuthOptions } from './access/auth-options.ts'
export type { Authenticator, Credentials } from './access/authenticator.ts'
export type { AuthorizationOptions } from './access/authorization.ts'
export { bearerToken } from './access/bearer-token.ts'
export { entra, type EntraOptions } from './access/entra.ts'
export type { Refused, ReportRefusal } from './access/identity.ts'
export type { Principal } from './resolvers/principal.ts'
export { ForbiddenError } from './errors/forbidden-error.ts'
export { UnauthenticatedError, type UnauthenticatedReason } from './errors/unauthenticated-error.ts'
export { UnavailableError } from './errors/unavailable-error.ts'

/* Reading Graph on behalf of each user */
export { onBehalfOf, type OnBehalfOfOptions } from './access/on-behalf-of.ts'
export type { OperationsLease, OperationsSource } from './access/operations-source.ts'
export type { CreateUserCredential } from './access/user-credential.ts'
export {
  createUserOperations,
  type UserOperations,
  type UserOperationsOptions,
} from './access/user-operations.ts'

/* How much they may ask for */
export type { LimitOptions, Limits, Rate } from './access/limits.ts'
export type { DocumentsById } from './execution/trusted-documents.ts'

/* The contract */
export { mutationTypeDefs } from './schema/mutation-type-defs.ts'
export { typeDefs } from './schema/type-defs.ts'
export { errorCodes, type ErrorCode } from './errors/error-code.ts'
export type { AuthorizeStart, RequestedStart, StartMethod } from './resolvers/start-access.ts'
export type { ErrorExtensions, ReportUnexpectedError } from './errors/present-error.ts'
export type { GraphiQLOptions } from './transports/graphiql-page.ts'
export type { UpgradeHandler } from './transports/websocket.ts'

/* What happens in it, for metrics and logs */
export { createMetrics, type MetricsSources } from './observability/metrics.ts'
export type { ClosedConnection } from './observability/connection-record.ts'
export type {
  CloseReason,
  ConnectionTransport,
  GatewayStats,
  OperationType,
  RefusalReason,
} from './observability/gateway-stats.ts'
