import type { MissingAnswer, RefusedAnswer } from './answer.ts'
import type { GraphSender } from './graph-sender.ts'
import { GET_HEADERS } from './graph-url.ts'
import { isSuccess, received, serverNow, toRefusal, type ReceivedAnswer } from './to-answer.ts'

export interface FoundResource {
  readonly kind: 'found'
  readonly answer: ReceivedAnswer
}

/**
 * Reads what may be read again at once, unlike an operation: a 401 is answered with a fresh token and one
 * more try.
 *
 * @param beforeRequest waited for before each of the two; a rejection ends it
 */
export async function getResource(
  sender: GraphSender,
  url: string,
  signal: AbortSignal,
  beforeRequest: () => Promise<void> = () => Promise.resolve(),
): Promise<FoundResource | RefusedAnswer | MissingAnswer> {
  for (let isRepeated = false; ; isRepeated = true) {
    await beforeRequest()
    const reply = await sender.send({ method: 'GET', url, headers: GET_HEADERS }, signal)
    if (reply.kind === 'missing') {
      signal.throwIfAborted()
      return reply
    }
    const answer = received(reply.response)
    if (isSuccess(answer.status)) return { kind: 'found', answer }
    const refused = toRefusal(answer, serverNow(answer, sender.clock))
    if (refused.status !== 401) return refused
    reply.rejectToken(refused.claims)
    if (isRepeated) return refused
  }
}
