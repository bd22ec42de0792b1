/* The client */
export {
  createOperationsClient,
  type CallOptions,
  type OperationsClient,
  type WatchOptions,
} from './client.ts'
export type { OperationsClientOptions } from './client-options.ts'
export { createQuota, type Quota, type QuotaOptions } from './polling/quota.ts'
export type { CheckFailure } from './polling/check-failure.ts'
export type { CheckFailureCode, ClientStats, Summary } from './polling/client-stats.ts'

/* Operations */
export {
  isTerminal,
  knownOperationTypes,
  knownStatuses,
  type KnownOperationType,
  type KnownStatus,
  type OperationError,
  type TeamsAsyncOperation,
  type TeamsAsyncOperationStatus,
  type TeamsAsyncOperationType,
} from './operation/teams-async-operation.ts'
export type { GraphVersion, OperationOwner, OperationRef } from './operation/operation-ref.ts'
export type { OperationIds } from './operation/ref-from-ids.ts'
export type { RefInput, ResponseLike } from './operation/resolve-ref.ts'
export type { OperationState, PollingProblem, PollingProblemCode } from './operation/operation-state.ts'
export type {
  CheckedEvent,
  CheckFailedEvent,
  OperationEvent,
  SettledEvent,
  StateEvent,
  ThrottledEvent,
} from './operation/operation-event.ts'

/* Starting operations */
export type { StartRequest } from './graph/start-request.ts'
export { archiveChannel } from './graph/start/archive-channel.ts'
export { archiveTeam, type ArchiveOptions } from './graph/start/archive-team.ts'
export { cloneTeam, type ClonableTeamPart, type TeamClone } from './graph/start/clone-team.ts'
export { conversationMember, type ConversationMember } from './graph/start/conversation-member.ts'
export { createChannel, type NewSharedChannel } from './graph/start/create-channel.ts'
export { createChat, type ChatApp, type NewChat } from './graph/start/create-chat.ts'
export { createTeam, type NewTeam } from './graph/start/create-team.ts'
export { unarchiveChannel } from './graph/start/unarchive-channel.ts'
export { unarchiveTeam } from './graph/start/unarchive-team.ts'

/* Operators */
export { resultOf } from './operators/result-of.ts'
export { summarize, type OperationsSummary, type SummarizeOptions } from './operators/summarize.ts'
export type { Tally } from './operators/tally.ts'
export { whenStatus } from './operators/when-status.ts'
export { whenUsable, type ReadTarget, type WhenUsableOptions } from './operators/when-usable.ts'
export { withDeadline, type DeadlineOptions } from './operators/with-deadline.ts'
export {
  toAsyncIterable,
  type ConflatingIterator,
  type ToAsyncIterableOptions,
} from './streams/to-async-iterable.ts'

/* Reaching Microsoft Graph */
export type { AccessToken, TokenCredential, TokenOptions } from './graph/credential.ts'
export { fetchTransport, type FetchTransportOptions } from './graph/fetch-transport.ts'
export { fixedToken } from './graph/fixed-token.ts'
export { isMicrosoftGraphOrigin, resolveGraphOrigin, type GraphCloud } from './graph/graph-origin.ts'
export type { TargetReading } from './graph/target-reading.ts'
export type { GraphRequest, GraphResponse, Transport } from './graph/transport.ts'

/* Time, and what polling remembers */
export { MAX_TIMER_DELAY_MS, systemClock, type CancelTimer, type Clock } from './clock.ts'
export type {
  CheckOutcome,
  ClaimRequest,
  OpenRequest,
  OperationMemory,
  OperationStore,
} from './polling/operation-store.ts'

/* Errors */
export { OperationsError, type OperationsErrorOptions } from './operation/operations-error.ts'
export { AccessDeniedError } from './graph/access-denied-error.ts'
export { AuthenticationError } from './graph/authentication-error.ts'
export { CheckFailedError } from './polling/check-failed-error.ts'
export { ClientDisposedError } from './polling/client-disposed-error.ts'
export { ConnectionError } from './graph/connection-error.ts'
export { DeadlineExceededError, type DeadlineExceeded } from './operators/deadline-exceeded-error.ts'
export { GraphRequestError } from './graph/graph-request-error.ts'
export { InvalidLocationError } from './operation/invalid-location-error.ts'
export { MissingLocationError } from './graph/missing-location-error.ts'
export { NoOperationError } from './graph/no-operation-error.ts'
export { OperationFailedError } from './operators/operation-failed-error.ts'
export { OperationLostError } from './polling/operation-lost-error.ts'
export { OperationUnfinishedError } from './operators/operation-unfinished-error.ts'
export { ProtocolError } from './graph/protocol-error.ts'
export { TargetNotUsableError } from './operators/target-not-usable-error.ts'
export { ThrottledError } from './graph/throttled-error.ts'
