import type { Authenticator } from './authenticator.ts'
import type { AuthorizationOptions } from './authorization.ts'
import type { ReportRefusal } from './identity.ts'

/** Who may use the gateway, and what they may see. */
export interface AuthOptions extends AuthorizationOptions {
  /**
   * Tells who sends a request, or opens a WebSocket: {@link entra}, or one of your own.
   *
   * @default everybody is taken for the same, whatever they send
   */
  readonly authenticator?: Authenticator | undefined
  /** Told of everybody who was refused, and why: for logs. @default nobody is told */
  readonly onRefused?: ReportRefusal | undefined
}
