/** How much a single message or request may be. Beyond them only the sender is affected. */
export interface Limits {
  /** The body of an HTTP request, in bytes. */
  readonly maxBodyBytes: number
  /** One WebSocket message, in bytes. */
  readonly maxMessageBytes: number
  /** What may wait to be sent to a socket before nothing more is read from it, in bytes. */
  readonly maxUnsentBytes: number
  /** How long a socket may take from opening to `connection_init`, in milliseconds. */
  readonly connectionInitMs: number
}

export const defaultLimits: Limits = {
  maxBodyBytes: 65_536,
  maxMessageBytes: 65_536,
  maxUnsentBytes: 1_048_576,
  connectionInitMs: 5_000,
}
