import type { PollingProblemCode } from '../operation/operation-state.ts'
import type { GivenUpReason } from './verdict.ts'

/** Why a check gave no state: a problem that it is asked again for, or one that ended the following. */
export type CheckFailureCode = PollingProblemCode | GivenUpReason

/** Numbers for metrics. Counters only grow, from the creation of the client on. */
export interface ClientStats {
  /** Operations that are followed now. */
  readonly followed: number
  /** Checks that were answered, or given up waiting for: one for each operation in a request. */
  readonly checks: number
  /** The same by what came of them: a state, a problem, or why the operation is followed no more. */
  readonly outcomes: Readonly<Record<'found' | CheckFailureCode, number>>
  /** Requests that carried those checks. */
  readonly requests: number
  /** Those of them that were a `$batch`. */
  readonly batches: number
  /** Operations per request, on average; 0 before the first. */
  readonly batchFill: number
  /** Checks that were refused for there being too many requests. */
  readonly throttles: number
  /** How long requests were held back for it, and for failures, in all. */
  readonly pausedMs: number
  /** What may be read, and what was over the last second. */
  readonly budget: { readonly readsPerSecond: number; readonly used: number }
  /**
   * How late a change was seen: the time since the check before it, which bounds the delay from above (Graph
   * does not say when it happened).
   */
  readonly detectionDelayMs: Summary
  /** How long checks that were due had to wait for the budget or for a pause. */
  readonly waitMs: Summary
}

export interface Summary {
  readonly count: number
  readonly mean: number
  readonly max: number
}

/** Takes the numbers together as they come. */
export class StatsRecorder {
  readonly #outcomes: Record<'found' | CheckFailureCode, number> = {
    found: 0,
    throttled: 0,
    'graph-unavailable': 0,
    'no-connection': 0,
    'no-answer': 0,
    'unusable-body': 0,
    'not-replicated': 0,
    'no-token': 0,
    unauthenticated: 0,
    'access-denied': 0,
    lost: 0,
    refused: 0,
  }
  readonly #detectionDelay = new SummaryRecorder()
  readonly #wait = new SummaryRecorder()
  #requests = 0
  #batches = 0
  #sent = 0

  request(operations: number): void {
    this.#requests += 1
    this.#sent += operations
    if (operations > 1) this.#batches += 1
  }

  waited(ms: number): void {
    this.#wait.add(ms)
  }

  outcome(kind: keyof ClientStats['outcomes']): void {
    this.#outcomes[kind] += 1
  }

  detected(delayMs: number): void {
    this.#detectionDelay.add(delayMs)
  }

  read(): Omit<ClientStats, 'followed' | 'pausedMs' | 'budget'> {
    const checks = Object.values(this.#outcomes).reduce((sum, count) => sum + count, 0)
    return {
      checks,
      outcomes: { ...this.#outcomes },
      requests: this.#requests,
      batches: this.#batches,
      batchFill: this.#requests === 0 ? 0 : this.#sent / this.#requests,
      throttles: this.#outcomes.throttled,
      detectionDelayMs: this.#detectionDelay.read(),
      waitMs: this.#wait.read(),
    }
  }
}

class SummaryRecorder {
  #count = 0
  #sum = 0
  #max = 0

  add(value: number): void {
    this.#count += 1
    this.#sum += value
    this.#max = Math.max(this.#max, value)
  }

  read(): Summary {
    return { count: this.#count, mean: this.#count === 0 ? 0 : this.#sum / this.#count, max: this.#max }
  }
}
