import type { StartRequest } from '@teams-operations/core'
import type { Principal } from './principal.ts'

/** The mutations, by the type of the operation that they start. */
export type StartMethod =
  | 'archiveTeam'
  | 'unarchiveTeam'
  | 'cloneTeam'
  | 'createTeam'
  | 'createChannel'
  | 'archiveChannel'
  | 'unarchiveChannel'
  | 'createChat'

/** An operation that somebody wants to start. */
export interface RequestedStart {
  readonly method: StartMethod
  /**
   * The team that it changes or copies, or the group of which it makes one, which has the same id; `undefined`
   * for a team or chat that is to be created.
   */
  readonly teamId: string | undefined
  /** What Graph is sent. */
  readonly request: StartRequest
}

/** Whether a principal may start an operation. One that throws has not said yes. */
export type AuthorizeStart = (principal: Principal, start: RequestedStart) => boolean | Promise<boolean>
