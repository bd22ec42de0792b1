/** Who sent an operation. */
export interface Principal {
  /** Stable and unique among all principals of the gateway; for limits and logs. */
  readonly id: string
  /**
   * What this principal shares with others: two with the same class may see the same of every operation,
   * so what is executed for one of them may be sent to the other.
   */
  readonly accessClass: string
}

/** Everybody, where there is no authentication. */
export const anonymous: Principal = { id: 'anonymous', accessClass: 'anonymous' }
