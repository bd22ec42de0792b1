import { AccessDeniedError } from '../graph/access-denied-error.ts'
import type { Answer, MissingAnswer, RefusedAnswer } from '../graph/answer.ts'
import { AuthenticationError } from '../graph/authentication-error.ts'
import { GraphRequestError } from '../graph/graph-request-error.ts'
import type { PollingProblemCode } from '../operation/operation-state.ts'
import type { OperationsError } from '../operation/operations-error.ts'
import type { TeamsAsyncOperation } from '../operation/teams-async-operation.ts'
import { problemOf, type OperationMemory } from './operation-store.ts'
import { OperationLostError } from './operation-lost-error.ts'

/** How long after its start an operation may be unknown to the server that is asked. */
export const REPLICATION_MS = 120_000

/** What an answer means for the operation that was asked for. */
export type Verdict = Found | Failed | GivenUp

export interface Found {
  readonly kind: 'found'
  readonly operation: TeamsAsyncOperation
  readonly requestId: string | undefined
}

/** It says nothing about the operation: to be asked again. */
export interface Failed {
  readonly kind: 'failed'
  readonly code: PollingProblemCode
  readonly message: string
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
}

/** Asking again would not help. */
export interface GivenUp {
  readonly kind: 'given-up'
  readonly error: OperationsError
}

/** Judges an answer by what is remembered of the operation. `now` is monotonic. */
export function judge(answer: Answer, memory: OperationMemory, now: number): Verdict {
  switch (answer.kind) {
    case 'operation':
      return { kind: 'found', operation: answer.operation, requestId: answer.requestId }
    case 'unusable':
      return failed('unusable-body', answer.reason, answer.requestId)
    case 'missing':
      return failed(answer.reason, messageOf(answer), undefined)
    case 'refused':
      return judgeRefusal(answer, memory, now)
  }
}

function judgeRefusal(answer: RefusedAnswer, memory: OperationMemory, now: number): Verdict {
  const { status, requestId, retryAfterMs } = answer
  const said = `Graph answered ${status}${answer.code && ` ${answer.code}`}${answer.message && `: ${answer.message}`}`
  const { location } = memory.ref
  const options = { requestId, lastState: memory.state }
  if (status === 429 || status === 509 || (status === 503 && retryAfterMs !== undefined)) {
    return failed('throttled', said, requestId, retryAfterMs)
  }
  if (isPassing(status)) return failed('graph-unavailable', said, requestId, retryAfterMs)
  if (status === 401) {
    return problemOf(memory)?.code === 'unauthenticated'
      ? givenUp(
          new AuthenticationError(
            `${said}, to a fresh token as well, while reading ${location}. Check that the credential belongs to this cloud and tenant.`,
            options,
          ),
        )
      : failed('unauthenticated', said, requestId, retryAfterMs)
  }
  if (status === 403) {
    return givenUp(
      new AccessDeniedError(
        `${said} while reading ${location}. Grant the app the permission that it starts such operations with.`,
        options,
      ),
    )
  }
  if (status === 404 && now - memory.startedAt <= REPLICATION_MS) {
    return failed('not-replicated', said, requestId, retryAfterMs)
  }
  if (status === 404 || status === 410) {
    return givenUp(
      new OperationLostError(
        `${said}: ${location} is not known any more, so its outcome is unknown. Look at what it was to change.`,
        options,
      ),
    )
  }
  return givenUp(
    new GraphRequestError(`${said} while reading ${location}.`, {
      ...options,
      status,
      graphCode: answer.code,
      retryAfterMs,
    }),
  )
}

/** Whether the same request may well be answered later: server errors, time-outs, locks, odd redirects. */
function isPassing(status: number): boolean {
  return status < 200 || (status >= 300 && status < 400) || [408, 423, 424].includes(status) || status >= 500
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

function givenUp(error: OperationsError): GivenUp {
  return { kind: 'given-up', error }
}
