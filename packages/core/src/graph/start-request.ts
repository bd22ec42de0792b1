import type { GraphVersion } from '../operation/operation-ref.ts'

/**
 * A request that starts an operation. A plain value that knows no origin: what a builder such as
 * `archiveTeam` gives, or one's own for a method that has no builder.
 */
export interface StartRequest {
  readonly method: 'POST'
  readonly version: GraphVersion
  /** Below the version, percent-encoded: `/teams/{id}/archive`. */
  readonly path: string
  /**
   * Sent as JSON. A value of a property that ends in `@odata.bind` may be a path below the version
   * (`/teamsTemplates('standard')`): it is completed with the origin when it is sent, because Graph expects
   * the host of its own cloud there.
   */
  readonly body?: Readonly<Record<string, unknown>> | undefined
  /** What it does, for messages: `archive team {id}`. */
  readonly description: string
}
