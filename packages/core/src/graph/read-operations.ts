import { versionOf, type GraphVersion, type OperationRef } from '../operation/operation-ref.ts'
import type { Answer } from './answer.ts'
import { decodeBatch, encodeBatch, MAX_BATCH_ITEMS } from './batch.ts'
import type { GraphSender, ReceivedReply } from './graph-sender.ts'
import { encodePath, GET_HEADERS } from './graph-url.ts'
import { isSuccess, received, requestIdOf, serverNow, toAnswer } from './to-answer.ts'

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
  if (!isSuccess(envelope.status)) {
    const refused = heedRefusedToken(toAnswer(envelope, now), reply)
    return refs.map(() => refused)
  }
  const requestId = requestIdOf(envelope)
  return decodeBatch(envelope.body, refs.length).map((item) => {
    if ('reason' in item) return { kind: 'unusable', reason: item.reason, requestId }
    return heedRefusedToken(toAnswer(item, now, requestId), reply)
  })
}

function heedRefusedToken(
  answer: ReturnType<typeof toAnswer>,
  reply: ReceivedReply,
): ReturnType<typeof toAnswer> {
  if (answer.kind === 'refused' && answer.status === 401) reply.rejectToken(answer.claims)
  return answer
}
