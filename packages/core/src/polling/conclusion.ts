import { sameOperation } from '../operation/same-operation.ts'
import type { OperationState, PollingProblem } from '../operation/operation-state.ts'
import { shareStrings } from '../operation/share-strings.ts'
import { isTerminal } from '../operation/teams-async-operation.ts'
import type { CheckReport } from './check-report.ts'
import { problemOf, type CheckOutcome, type OperationMemory } from './operation-store.ts'
import type { Failed, Found, GivenUp, Verdict } from './verdict.ts'

/** The moment at which a check ended, on both clocks, and that of the next one. */
export interface CheckTimes {
  /** Monotonic. */
  readonly endedAt: number
  /** Monotonic. */
  readonly dueAt: number
  /** Milliseconds since 1970. */
  readonly endedAtTimeOfDay: number
}

/** What a check leaves behind: what to remember, and what to tell. */
export interface Conclusion {
  readonly outcome: CheckOutcome
  readonly report: CheckReport
}

/** Takes what was known of an operation and what a check has found together. Pure. */
export function conclude(memory: OperationMemory, verdict: Verdict, times: CheckTimes): Conclusion {
  switch (verdict.kind) {
    case 'found':
      return concludeFound(memory, verdict, times)
    case 'failed':
      return concludeFailed(memory, verdict, times)
    case 'given-up':
      return concludeGivenUp(memory, verdict, times)
  }
}

function concludeFound(memory: OperationMemory, found: Found, times: CheckTimes): Conclusion {
  const { ref, state: previous } = memory
  const changed = previous === undefined || !sameOperation(previous.operation, found.operation)
  const operation = changed ? shareStrings(found.operation, ref) : previous.operation
  const done = isTerminal(operation.status)
  const nextCheckAt = done ? undefined : timeOfDay(times.dueAt, times)
  const checks = memory.checks + 1
  const state: OperationState = {
    ref,
    operation,
    revision: (previous?.revision ?? 0) + (changed ? 1 : 0),
    checks,
    checkedAt: times.endedAtTimeOfDay,
    nextCheckAt,
    problem: undefined,
  }
  const at = times.endedAtTimeOfDay
  return {
    outcome: { ...remembered(memory, times), state, checks, failures: 0, problem: undefined, done },
    report: { kind: 'found', ref, at, nextCheckAt, state, changed, requestId: found.requestId },
  }
}

function concludeFailed(memory: OperationMemory, failed: Failed, times: CheckTimes): Conclusion {
  const { ref } = memory
  const at = times.endedAtTimeOfDay
  const nextCheckAt = timeOfDay(times.dueAt, times)
  const checks = memory.checks + 1
  const problem: PollingProblem = {
    code: failed.code,
    message: failed.message,
    sinceAt: problemOf(memory)?.sinceAt ?? at,
    requestId: failed.requestId,
  }
  const state = memory.state && { ...memory.state, checks, nextCheckAt, problem }
  return {
    outcome: {
      ...remembered(memory, times),
      state,
      checks,
      failures: memory.failures + 1,
      problem: state ? undefined : problem,
      done: false,
    },
    report: {
      kind: 'failed',
      ref,
      at,
      nextCheckAt,
      problem,
      retryAfterMs: failed.retryAfterMs,
      state,
      cause: failed.cause,
    },
  }
}

/** Who follows it again begins anew: what went wrong has been told. */
function concludeGivenUp(memory: OperationMemory, { reason, error }: GivenUp, times: CheckTimes): Conclusion {
  const { ref } = memory
  const at = times.endedAtTimeOfDay
  const checks = memory.checks + 1
  const state = memory.state && { ...memory.state, checks, nextCheckAt: undefined, problem: undefined }
  return {
    outcome: { ...remembered(memory, times), state, checks, failures: 0, problem: undefined, done: true },
    report: { kind: 'given-up', ref, at, nextCheckAt: undefined, reason, error },
  }
}

function remembered(
  { ref }: OperationMemory,
  { endedAt, dueAt }: CheckTimes,
): Pick<CheckOutcome, 'ref' | 'lastEndedAt' | 'dueAt'> {
  return { ref, lastEndedAt: endedAt, dueAt }
}

function timeOfDay(moment: number, { endedAt, endedAtTimeOfDay }: CheckTimes): number {
  return endedAtTimeOfDay + moment - endedAt
}
