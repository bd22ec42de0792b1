import type { Principal } from '../resolvers/principal.ts'
import type { Usage } from './usage.ts'

/** What all operations over one connection have in common. */
export interface Session {
  readonly principal: Principal
  readonly usage: Usage
  /** Aborted when nobody is there any more. */
  readonly signal: AbortSignal
}
