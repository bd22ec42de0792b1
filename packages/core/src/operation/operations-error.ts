import type { OperationState } from './operation-state.ts'

export interface OperationsErrorOptions {
  readonly cause?: unknown
  readonly requestId?: string | undefined
  readonly lastState?: OperationState | undefined
}

/**
 * What every error of this package is. Tell them apart by `code`, a literal type of each class, which also
 * works where two copies of the package meet and `instanceof` does not.
 */
export abstract class OperationsError extends Error {
  abstract readonly code: string
  /** Graph's `request-id` of the answer behind it: what Microsoft's support asks for first. */
  readonly requestId: string | undefined
  /** What was last known of the operation, where the error ends its stream. */
  readonly lastState: OperationState | undefined

  constructor(message: string, { cause, requestId, lastState }: OperationsErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.requestId = requestId
    this.lastState = lastState
  }
}
