import { InvalidLocationError } from '../operation/invalid-location-error.ts'
import type { OperationRef } from '../operation/operation-ref.ts'
import { resolveRef } from '../operation/resolve-ref.ts'
import { shortened } from '../operation/shortened.ts'
import type { GraphSender, ReceivedReply } from './graph-sender.ts'
import { parseJson } from './parse-json.ts'
import { missingAnswerError } from './missing-answer-error.ts'
import { MissingLocationError } from './missing-location-error.ts'
import { NoOperationError } from './no-operation-error.ts'
import { isPassing, refusalError } from './refusal.ts'
import type { StartRequest } from './start-request.ts'
import { isSuccess, received, requestIdOf, serverNow, toRefusal } from './to-answer.ts'

/** An operation that Graph has taken on. */
export interface StartedOperation {
  /** Where it lives, in the one spelling that is compared. */
  readonly location: string
  /** Graph's `request-id` of the answer. */
  readonly requestId: string | undefined
  /** What the request called itself. */
  readonly clientRequestId: string
}

const MAY_HAVE_HAPPENED =
  'It may have been done nevertheless: list the operations, or look at what it was to change, before you repeat it.'

/**
 * Sends a start exactly once, and finds where its operation lives. Not even a 429 is repeated: Graph has
 * been seen to answer one to a write that it had done.
 *
 * @throws the reason of `signal` when that aborts; what was sent by then may still take effect
 */
export async function startOperation(
  sender: GraphSender,
  request: StartRequest,
  signal: AbortSignal,
): Promise<StartedOperation> {
  const doing = `to ${request.description}`
  const base = `${sender.origin}/${expectVersion(request)}`
  const reply = await sender.send(
    {
      method: 'POST',
      url: base + expectPath(request),
      ...(request.body === undefined
        ? { headers: {} }
        : { headers: { 'Content-Type': 'application/json' }, body: encodeBody(request.body, base) }),
    },
    signal,
  )
  if (reply.kind === 'missing') {
    signal.throwIfAborted()
    throw missingAnswerError(reply, doing, MAY_HAVE_HAPPENED)
  }
  const answer = received(reply.response)
  if (!isSuccess(answer.status)) {
    const refused = toRefusal(answer, serverNow(answer, sender.clock))
    if (refused.status === 401) reply.rejectToken(refused.claims)
    throw refusalError(refused, doing, isPassing(refused) ? { advice: MAY_HAVE_HAPPENED } : {})
  }
  const { location } = findOperation(reply, doing, sender.origin)
  return { location, requestId: requestIdOf(answer), clientRequestId: reply.clientRequestId }
}

function expectVersion({ version }: StartRequest): string {
  if (version === 'v1.0' || version === 'beta') return version
  throw new TypeError(`Expected \`version\` of a start request to be v1.0 or beta, got ${shortened(version)}`)
}

function expectPath({ path }: StartRequest): string {
  if (typeof path === 'string' && /^\/[^/\\]/.test(path)) return path
  throw new TypeError(
    `Expected \`path\` of a start request to be below the version, such as /teams/{id}/archive, got ${shortened(path)}`,
  )
}

/** Completes what is bound by a path: Graph takes only URLs of its own cloud there. */
function encodeBody(body: Readonly<Record<string, unknown>>, base: string): string {
  const complete = (link: unknown): unknown =>
    typeof link === 'string' && link.startsWith('/') ? base + link : link
  return JSON.stringify(body, (name, value: unknown) => {
    if (!name.endsWith('@odata.bind')) return value
    return Array.isArray(value) ? value.map(complete) : complete(value)
  })
}

function findOperation({ response }: ReceivedReply, doing: string, graphOrigin: string): OperationRef {
  try {
    return resolveRef(response, graphOrigin)
  } catch (cause) {
    if (!(cause instanceof InvalidLocationError)) throw cause
    const { status, headers, body } = response
    const requestId = requestIdOf(response)
    if (status !== 202) {
      throw new NoOperationError(
        `Asked ${doing}, Graph answered ${status} and no operation: it was done at once, and there is nothing to follow.`,
        { status, resource: parseJson(body), requestId },
      )
    }
    const location = headers.get('Location') ?? headers.get('Content-Location') ?? undefined
    throw new MissingLocationError(
      `Asked ${doing}, Graph accepted it (202) and gave ${shortened(location)} where the location of the operation was expected. ` +
        'It is under way: do not start it again, but look for it in the list of the operations.',
      { cause, requestId },
    )
  }
}
