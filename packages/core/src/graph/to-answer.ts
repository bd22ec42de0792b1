import type { Clock } from '../clock.ts'
import { parseOperation } from '../operation/parse-operation.ts'
import type { OperationAnswer, RefusedAnswer, UnusableAnswer } from './answer.ts'
import { parseClaimsChallenge } from './claims-challenge.ts'
import { parseGraphErrorBody } from './graph-error-body.ts'
import { parseHttpDate } from './http-date.ts'
import { parseJson } from './parse-json.ts'
import { parseRetryAfter } from './retry-after.ts'
import type { GraphResponse } from './transport.ts'

/** An answer of Graph, to a request or to an item of a batch, with its body parsed. */
export interface ReceivedAnswer {
  readonly status: number
  readonly headers: GraphResponse['headers']
  /** JSON, or the text when it is none. */
  readonly body: unknown
}

export function received({ status, headers, body }: GraphResponse): ReceivedAnswer {
  return { status, headers, body: parseJson(body) ?? body }
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/**
 * What an answer to the read of an operation is. The status of the operation comes from the body alone:
 * Graph documents its reads as 200 and as 202.
 *
 * @param nowMs what a date in `Retry-After` is counted from
 * @param envelopeRequestId stands in where an item of a batch has no `request-id` of its own
 */
export function toAnswer(
  answer: ReceivedAnswer,
  nowMs: number,
  envelopeRequestId?: string,
): OperationAnswer | UnusableAnswer | RefusedAnswer {
  if (!isSuccess(answer.status)) return toRefusal(answer, nowMs, envelopeRequestId)
  const requestId = requestIdOf(answer) ?? envelopeRequestId
  const { operation, reason } = parseOperation(answer.body)
  if (!operation) return { kind: 'unusable', reason, requestId }
  const retryAfterMs = parseRetryAfter(answer.headers.get('Retry-After'), nowMs)
  return { kind: 'operation', operation, requestId, retryAfterMs }
}

/** What an answer other than a success is. The parameters are those of {@link toAnswer}. */
export function toRefusal(answer: ReceivedAnswer, nowMs: number, envelopeRequestId?: string): RefusedAnswer {
  const { status, headers, body } = answer
  const { code, message, requestId = envelopeRequestId } = parseGraphErrorBody(body, requestIdOf(answer))
  const retryAfterMs = parseRetryAfter(headers.get('Retry-After'), nowMs)
  const claims = status === 401 ? parseClaimsChallenge(headers.get('WWW-Authenticate')) : undefined
  return { kind: 'refused', status, code, message, requestId, retryAfterMs, claims }
}

export function requestIdOf({ headers }: Pick<ReceivedAnswer, 'headers'>): string | undefined {
  return headers.get('request-id') || undefined
}

/** The time by the clock of the server, where it tells: its dates are counted from that, not from ours. */
export function serverNow({ headers }: Pick<ReceivedAnswer, 'headers'>, clock: Clock): number {
  const now = clock.now()
  return parseHttpDate(headers.get('Date') ?? '', now) ?? now
}
