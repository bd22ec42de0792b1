/** Who sent an operation. */
export interface Principal {
  /** Stable and unique among all principals of the gateway; for limits and logs. */
  readonly id: string
  /**
   * What this principal shares with others: two with the same class may see the same of every operation,
   * so what is executed for one of them may be sent to the other.
   */
  readonly accessClass: string
  /** Until when it is known to be this one, in milliseconds since 1970; `undefined` or `Infinity` for ever. */
  readonly expiresAt?: number | undefined
  /**
   * When the proof of it was made, in milliseconds since 1970: of two that are good, the newer one counts.
   * Where it is not known, that is the one that came last.
   */
  readonly issuedAt?: number | undefined
  /** What its token says of it. For decisions only: it may hold names and addresses of people. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** Everybody, where there is no authentication. */
export const anonymous: Principal = { id: 'anonymous', accessClass: 'anonymous' }
