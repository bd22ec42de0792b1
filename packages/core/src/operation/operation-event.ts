import type { OperationState, PollingProblem } from './operation-state.ts'

interface EventTimes {
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
  /** The earliest moment of the next check, in milliseconds since 1970; `undefined` when there will be none. */
  readonly nextCheckAt: number | undefined
}

/** The operation changed, or, as the first event of a subscription, what was already known. */
export interface StateEvent extends EventTimes {
  readonly type: 'state'
  readonly state: OperationState
}

/** A check gave a state; `changed` tells whether a `state` event precedes it. */
export interface CheckedEvent extends EventTimes {
  readonly type: 'checked'
  readonly state: OperationState
  readonly changed: boolean
  readonly requestId: string | undefined
}

/** A check was refused for there being too many requests. */
export interface ThrottledEvent extends EventTimes {
  readonly type: 'throttled'
  readonly problem: PollingProblem
  /** What `Retry-After` asked for, in milliseconds; `undefined` without a usable one. */
  readonly retryAfterMs: number | undefined
}

/** A check gave no state for another reason. The operation itself may be well. */
export interface CheckFailedEvent extends EventTimes {
  readonly type: 'check-failed'
  readonly problem: PollingProblem
}

/** The operation has succeeded or failed: the last event before completion. */
export interface SettledEvent extends EventTimes {
  readonly type: 'settled'
  readonly state: OperationState
}

/** All that happens while an operation is followed. */
export type OperationEvent = StateEvent | CheckedEvent | ThrottledEvent | CheckFailedEvent | SettledEvent
