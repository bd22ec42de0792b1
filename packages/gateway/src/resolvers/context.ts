import type { Clock, OperationsClient } from '@teams-operations/core'
import type { OverviewPace } from '../subscriptions/overview-pace.ts'
import type { Access } from './operation-access.ts'
import type { Principal } from './principal.ts'
import type { AuthorizeStart } from './start-access.ts'

/** All that a resolver knows of the world. One for each GraphQL operation, whatever it came over. */
export interface GatewayContext {
  readonly operations: OperationsClient
  readonly clock: Clock
  readonly principal: Principal
  readonly access: Access
  /** Asked before anything is started. */
  readonly authorizeStart: AuthorizeStart
  /** How many operations one subscription may name. */
  readonly maxRefs: number
  /** For all who look at what is followed. */
  readonly overviewPace: OverviewPace
  /** Lists in turn: of one principal a few at a time, so that those of others come in between. */
  readonly inTurn: <T>(list: () => Promise<T>) => Promise<T>
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}
