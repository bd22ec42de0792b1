import type { CloseReason } from '../observability/gateway-stats.ts'

/** Why a response ends before all of it was sent: whatever of it still waits is not. */
export class CutOffError extends Error {
  readonly reason: CloseReason

  constructor(reason: CloseReason) {
    super(`The response was cut off: ${reason}`)
    this.reason = reason
  }
}
