import { isJsonObject } from '../operation/json-object.ts'
import { versionOf, type GraphVersion, type OperationRef } from '../operation/operation-ref.ts'
import type { Answer } from './answer.ts'
import { decodeBatch, encodeBatch, MAX_BATCH_ITEMS } from './batch.ts'
import type { GraphSender, ReceivedReply } from './graph-sender.ts'
import { encodePath, GET_HEADERS } from './graph-url.ts'
import { parseRetryAfter } from './retry-after.ts'
import { isSuccess, received, requestIdOf, serverNow, toAnswer, type ReceivedAnswer } from './to-answer.ts'

/**
 * Reads operations in one request: one as it is, more in a `$batch`. Every one gets an answer of its own,
 * and a refused token is dropped; nothing is asked twice, because a second check would come too early.
 *
 * @throws RangeError for more than a batch holds, or for operations of both versions at once
 */
export async function readOperations(
  sender: GraphSender,
  refs: readonly OperationRef[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const [first, ...others] = refs
  if (!first) return []
  const version = versionOf(first)
  if (refs.length > MAX_BATCH_ITEMS || others.some((ref) => versionOf(ref) !== version)) {
    throw new RangeError(
      `Expected up to ${MAX_BATCH_ITEMS} operations of one version of Graph in one request, got ${refs.length} of ` +
        [...new Set(refs.map(versionOf))].join(' and '),
    )
  }
  return others.length === 0
    ? [await readOne(sender, first, version, signal)]
    : readBatch(sender, refs, version, signal)
}

async function readOne(
  sender: GraphSender,
  ref: OperationRef,
  version: GraphVersion,
  signal: AbortSignal,
): Promise<Answer> {
  const url = `${sender.origin}/${version}${encodePath(ref.location)}`
  const reply = await sender.send({ method: 'GET', url, headers: GET_HEADERS }, signal)
  if (reply.kind === 'missing') return reply
  return heedRefusedToken(toAnswer(received(reply.response), serverNow(reply.response, sender.clock)), reply)
}

async function readBatch(
  sender: GraphSender,
  refs: readonly OperationRef[],
  version: GraphVersion,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const items = refs.map(({ location }) => ({
    path: encodePath(location),
    headers: { ...GET_HEADERS, Accept: 'application/json', 'client-request-id': crypto.randomUUID() },
  }))
  const reply = await sender.send(
    {
      method: 'POST',
      url: `${sender.origin}/${version}/$batch`,
      headers: { ...GET_HEADERS, 'Content-Type': 'application/json' },
      body: encodeBatch(items),
    },
    signal,
  )
  if (reply.kind === 'missing') return refs.map(() => reply)

  const envelope = received(reply.response)
  const now = serverNow(envelope, sender.clock)
  if (!isBatchAnswer(envelope)) {
    const refused = heedRefusedToken(toAnswer(envelope, now), reply)
    return refs.map(() => refused)
  }
  const requestId = requestIdOf(envelope)
  const retryAfterMs = parseRetryAfter(envelope.headers.get('Retry-After'), now)
  return decodeBatch(envelope.body, refs.length).map((item) => {
    if ('reason' in item) return { kind: 'unusable', reason: item.reason, requestId }
    return atLeast(retryAfterMs, heedRefusedToken(toAnswer(item, now, requestId), reply))
  })
}

/**
 * Whether the items have answers of their own. They have also where the envelope says that some failed
 * (424), as an earlier edition of Graph's documentation has it.
 */
function isBatchAnswer({ status, body }: ReceivedAnswer): boolean {
  return isSuccess(status) || (status === 424 && isJsonObject(body) && Array.isArray(body.responses))
}

/** What the envelope asks to wait holds for every item in it. */
function atLeast(envelopeMs: number | undefined, answer: ReturnType<typeof toAnswer>): Answer {
  if (envelopeMs === undefined || answer.kind === 'unusable') return answer
  return { ...answer, retryAfterMs: Math.max(envelopeMs, answer.retryAfterMs ?? 0) }
}

function heedRefusedToken(
  answer: ReturnType<typeof toAnswer>,
  reply: ReceivedReply,
): ReturnType<typeof toAnswer> {
  if (answer.kind === 'refused' && answer.status === 401) reply.rejectToken(answer.claims)
  return answer
}
