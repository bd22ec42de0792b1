import type { Answer, MissingAnswer, RefusedAnswer } from '../graph/answer.ts'
import { describeRefusal, isPassing, isThrottled, refusalError } from '../graph/refusal.ts'
import type { PollingProblemCode } from '../operation/operation-state.ts'
import type { OperationsError } from '../operation/operations-error.ts'
import type { TeamsAsyncOperation } from '../operation/teams-async-operation.ts'
import { problemOf, type OperationMemory } from './operation-store.ts'
import { OperationLostError } from './operation-lost-error.ts'

/** How long after its start an operation may be unknown to the server that is asked. */
const REPLICATION_MS = 120_000

/** What an answer means for the operation that was asked for. */
export type Verdict = Found | Failed | GivenUp

export interface Found {
  readonly kind: 'found'
  readonly operation: TeamsAsyncOperation
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
}

/** It says nothing about the operation: to be asked again. */
export interface Failed {
  readonly kind: 'failed'
  readonly code: PollingProblemCode
  readonly message: string
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  /** What was thrown, where there was no answer. */
  readonly cause?: unknown
}

/**
 * Why an operation is followed no more:
 *
 * - `lost`: Graph does not know it (any more): 404, 410.
 * - `access-denied`: 403.
 * - `unauthenticated`: 401, also with a fresh token.
 * - `refused`: any other answer that asking again would not change, such as 400.
 */
export type GivenUpReason = 'lost' | 'access-denied' | 'unauthenticated' | 'refused'

/** Asking again would not help. */
export interface GivenUp {
  readonly kind: 'given-up'
  readonly reason: GivenUpReason
  readonly error: OperationsError
}

/** Judges an answer by what is remembered of the operation. `now` is monotonic. */
export function judge(answer: Answer, memory: OperationMemory, now: number): Verdict {
  switch (answer.kind) {
    case 'operation':
      return {
        kind: 'found',
        operation: answer.operation,
        requestId: answer.requestId,
        retryAfterMs: answer.retryAfterMs,
      }
    case 'unusable':
      return failed('unusable-body', answer.reason, answer.requestId)
    case 'missing':
      return { ...failed(answer.reason, messageOf(answer), undefined), cause: answer.error }
    case 'refused':
      return judgeRefusal(answer, memory, now)
  }
}

function judgeRefusal(answer: RefusedAnswer, memory: OperationMemory, now: number): Verdict {
  const { status, requestId, retryAfterMs } = answer
  const said = describeRefusal(answer)
  const { location } = memory.ref
  if (isThrottled(answer)) return failed('throttled', said, requestId, retryAfterMs)
  if (isPassing(answer) || isRedirect(status))
    return failed('graph-unavailable', said, requestId, retryAfterMs)
  // The first one has the token dropped; the next check has a fresh one.
  if (status === 401 && problemOf(memory)?.code !== 'unauthenticated') {
    return failed('unauthenticated', said, requestId, retryAfterMs)
  }
  if (status === 404 && now - memory.startedAt <= REPLICATION_MS) {
    return failed('not-replicated', said, requestId, retryAfterMs)
  }
  const lastState = memory.state
  if (status === 404 || status === 410) {
    const message = `${said} ${location} is not known any more, so its outcome is unknown. Look at what it was to change.`
    return givenUp('lost', new OperationLostError(message, { requestId, lastState }))
  }
  return givenUp(reasonOf(status), refusalError(answer, `for ${location}`, { lastState }))
}

function reasonOf(status: number): GivenUpReason {
  if (status === 401) return 'unauthenticated'
  return status === 403 ? 'access-denied' : 'refused'
}

/** A proxy's, or a mistaken origin's: Graph itself redirects no read of an operation. */
function isRedirect(status: number): boolean {
  return status < 200 || (status >= 300 && status < 400)
}

function messageOf({ reason, error }: MissingAnswer): string {
  const said = error instanceof Error ? error.message : String(error)
  switch (reason) {
    case 'no-connection':
      return `The request did not get through to Graph: ${said}`
    case 'no-answer':
      return `Graph did not answer in time: ${said}`
    case 'no-token':
      return `The credential gave no token: ${said}`
  }
}

function failed(
  code: PollingProblemCode,
  message: string,
  requestId: string | undefined,
  retryAfterMs?: number,
): Failed {
  return { kind: 'failed', code, message, requestId, retryAfterMs }
}

function givenUp(reason: GivenUpReason, error: OperationsError): GivenUp {
  return { kind: 'given-up', reason, error }
}
