import type { Identity } from './identity.ts'
import type { Usage } from './usage.ts'

/** What all operations over one connection have in common. */
export interface Session {
  readonly identity: Identity
  readonly usage: Usage
  /** Aborted when nobody is there any more. */
  readonly signal: AbortSignal
}
