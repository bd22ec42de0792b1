import type { OperationRef } from '../operation/operation-ref.ts'
import type { OperationState, PollingProblem } from '../operation/operation-state.ts'

/**
 * What polling remembers of one operation. Moments are on the monotonic clock, in whole milliseconds.
 */
export interface OperationMemory {
  readonly ref: OperationRef
  /** What the checks have found; `undefined` before the first one that succeeded. */
  readonly state: OperationState | undefined
  /** When the operation was started, or, where that is not known, first asked for. */
  readonly startedAt: number
  /** When the last response ended, or when waiting for it was given up: where the 30 seconds begin. */
  readonly lastEndedAt: number | undefined
  /** How many checks were made, those that failed included. */
  readonly checks: number
  /** How many checks have failed since the last one that succeeded. */
  readonly failures: number
  /** Why the last check failed, where there is no `state` to carry it. */
  readonly problem: PollingProblem | undefined
  /** When the next check may be made, if the operation is followed. */
  readonly dueAt: number
}

/** Why the last check of an operation failed, if it did. */
export function problemOf({ state, problem }: OperationMemory): PollingProblem | undefined {
  return state?.problem ?? problem
}

export interface OpenRequest {
  readonly ref: OperationRef
  readonly startedAt: number
  /** When to check it at the earliest; later where it is known to have been checked lately. */
  readonly dueAt: number
  /** Whether it is to be checked; otherwise it is only remembered. */
  readonly follow: boolean
}

export interface ClaimRequest {
  readonly now: number
  readonly limit: number
  /**
   * Asked for each candidate, in order, before {@link admit}: the moment at which to ask again, because another
   * client has checked it; one that has passed lets it go on.
   */
  readonly waitUntil: (ref: OperationRef) => number
  /**
   * Asked once for each candidate, in order. 0 takes it and counts it; anything else is the moment until
   * which operations of the same owner have to wait.
   */
  readonly admit: (ref: OperationRef) => number
}

/** What a check changed. */
export interface CheckOutcome {
  readonly ref: OperationRef
  readonly state: OperationState | undefined
  readonly lastEndedAt: number
  readonly checks: number
  readonly failures: number
  readonly problem: PollingProblem | undefined
  /** The earliest moment of another check, also where none is wanted now. */
  readonly dueAt: number
  /** Whether there is nothing left to check, whoever follows. */
  readonly done: boolean
}

/**
 * Everything that polling remembers, and the order in which operations are due. Asynchronous, so that it
 * can live in a database or be shared by several processes. Calls take effect in the order in which they
 * are made.
 */
export interface OperationStore {
  /**
   * Remembers an operation, or recalls it: what is known already is kept. One that has succeeded or failed
   * does not become due again.
   */
  open(request: OpenRequest): Promise<OperationMemory>
  /** What is remembered of an operation. */
  recall(location: string): Promise<OperationMemory | undefined>
  /** Stops an operation from being due, without forgetting when it was last checked. */
  rest(location: string): Promise<void>
  /**
   * Takes what is due, for the caller alone until it is settled. Of first checks and repeated ones that
   * wait, alternately one of each; within both, the earliest due.
   */
  claim(request: ClaimRequest): Promise<readonly OperationMemory[]>
  /** Gives back what was claimed and not checked. */
  release(locations: readonly string[]): Promise<void>
  /** Remembers what checks found; makes the operations due again that are still followed. */
  settle(outcomes: readonly CheckOutcome[]): Promise<void>
  /** When {@link claim} can next give something; `undefined` when nothing is followed. */
  nextDueAt(): Promise<number | undefined>
}
