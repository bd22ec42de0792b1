export { acceptedAs, type AcceptedAsOptions } from './behaviors/accepted-as.ts'
export { brokenItem } from './behaviors/broken-item.ts'
export { compose } from './behaviors/compose.ts'
export { dropConnection, type DropConnectionOptions } from './behaviors/drop-connection.ts'
export { duplicateItem } from './behaviors/duplicate-item.ts'
export { emptyBody } from './behaviors/empty-body.ts'
export { foreignNextLink } from './behaviors/foreign-next-link.ts'
export { lateReplication } from './behaviors/late-replication.ts'
export { latency } from './behaviors/latency.ts'
export { malformedBody } from './behaviors/malformed-body.ts'
export { missingItem } from './behaviors/missing-item.ts'
export { neverEnding, type NeverEndingOptions } from './behaviors/never-ending.ts'
export { isBatch, isCheck, isCheckOf, isItem, isList, isStart } from './behaviors/predicates.ts'
export { purge, type PurgeOptions } from './behaviors/purge.ts'
export { redirectTo } from './behaviors/redirect-to.ts'
export { refuse } from './behaviors/refuse.ts'
export { serverError, type ServerErrorOptions, type ServerErrorStatus } from './behaviors/server-error.ts'
export { stuck } from './behaviors/stuck.ts'
export { throttle, type ThrottleOptions } from './behaviors/throttle.ts'
export { times } from './behaviors/times.ts'
export { when, type ExchangePredicate } from './behaviors/when.ts'
export { withProbability } from './behaviors/with-probability.ts'
export { wrongStructure } from './behaviors/wrong-structure.ts'
export type {
  Behavior,
  Exchange,
  GraphVersion,
  LimitClass,
  RequestKind,
  SimulatedRequest,
  Target,
} from './exchange.ts'
export type { Fetch } from './fetch-request.ts'
export type { Journal, JournalCounts, JournalEntry, JournalOptions, OperationName } from './journal.ts'
export type { CheckSummary } from './judge/check-interval-rule.ts'
export type { Violation, ViolationType } from './judge/violation.ts'
export type {
  DurationMs,
  OperationFailure,
  OperationScript,
  OperationStep,
} from './model/operation-script.ts'
export type { OperationIdentity, OperationView, SimulatedOperation } from './model/simulated-operation.ts'
export type { Channel, Chat, Team } from './model/team.ts'
export type { ChannelSeed, ChatSeed, OperationSeed, ScriptScope, TeamSeed, Tenant } from './model/tenant.ts'
export type { Random } from './random.ts'
export type { AsItem, Delivery, Reply, ReplyBody } from './reply.ts'
export type { LocationSpelling } from './routes/accepted.ts'
export type { SimulatedTime } from './simulated-time.ts'
export {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  type ThrottlingOptions,
} from './simulator.ts'
export type { TokenOptions } from './tokens.ts'
export {
  keepBusy,
  type BusyOperation,
  type BusyOperations,
  type BusyStory,
  type KeepBusyOptions,
} from './keep-busy.ts'
