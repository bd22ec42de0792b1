import type { OperationState } from '../operation/operation-state.ts'
import type { OperationsError } from '../operation/operations-error.ts'
import { AccessDeniedError } from './access-denied-error.ts'
import type { RefusedAnswer } from './answer.ts'
import { AuthenticationError } from './authentication-error.ts'
import { GraphRequestError } from './graph-request-error.ts'
import { ThrottledError } from './throttled-error.ts'

/** Whether Graph asks for fewer requests, rather than refusing this one. */
export function isThrottled({ status, retryAfterMs }: RefusedAnswer): boolean {
  return status === 429 || status === 509 || (status === 503 && retryAfterMs !== undefined)
}

/** Whether the same request may well be answered later: server errors, time-outs, locks. */
export function isPassing({ status }: RefusedAnswer): boolean {
  return status >= 500 || status === 408 || status === 423 || status === 424 || status === 429
}

/** `Graph answered 404 ItemNotFound: No team found with Group Id ….` */
export function describeRefusal({ status, code, message }: RefusedAnswer): string {
  const said = `Graph answered ${status}${code && ` ${code}`}${message && `: ${message}`}`
  return said.endsWith('.') ? said : `${said}.`
}

export interface RefusalErrorOptions {
  /** What to know or do beyond the error itself; a sentence. */
  readonly advice?: string | undefined
  readonly lastState?: OperationState | undefined
}

/**
 * The error that a refusal is for whoever asked for this one request.
 *
 * @param doing what was asked for, such as `to archive team {id}`
 */
export function refusalError(
  refused: RefusedAnswer,
  doing: string,
  { advice = '', lastState }: RefusalErrorOptions = {},
): OperationsError {
  const { status, code, requestId, retryAfterMs } = refused
  const message = (hint: string): string =>
    [`Asked ${doing}, ${describeRefusal(refused)}`, hint, advice].filter(Boolean).join(' ')
  if (isThrottled(refused)) {
    const hint =
      retryAfterMs === undefined ? 'Send fewer requests.' : `Wait ${retryAfterMs} ms before the next request.`
    return new ThrottledError(message(hint), { requestId, lastState, retryAfterMs })
  }
  if (status === 401) {
    const hint = 'Check that the credential gives tokens for this cloud and tenant.'
    return new AuthenticationError(message(hint), { requestId, lastState })
  }
  if (status === 403) {
    const hint = 'Check the permissions of the app, and in delegated use those of the user.'
    return new AccessDeniedError(message(hint), { requestId, lastState })
  }
  return new GraphRequestError(message(''), {
    requestId,
    lastState,
    status,
    graphCode: code,
    retryAfterMs,
  })
}
