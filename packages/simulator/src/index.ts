export { compose } from './behaviors/compose.ts'
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
export type { SimulatedTime } from './simulated-time.ts'
export {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  type ThrottlingOptions,
} from './simulator.ts'
export type { TokenOptions } from './tokens.ts'
