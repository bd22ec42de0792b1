import type { GraphVersion, OperationOwner } from '../operation/operation-ref.ts'
import { parseOperation } from '../operation/parse-operation.ts'
import { ownerPath, resolveOwner } from '../operation/resolve-owner.ts'
import { shortened } from '../operation/shortened.ts'
import type { TeamsAsyncOperation } from '../operation/teams-async-operation.ts'
import { getResource } from './get-resource.ts'
import type { GraphSender } from './graph-sender.ts'
import { encodePath, resolveLink } from './graph-url.ts'
import { isJsonObject } from '../operation/json-object.ts'
import { missingAnswerError } from './missing-answer-error.ts'
import { ProtocolError } from './protocol-error.ts'
import { refusalError } from './refusal.ts'
import { requestIdOf, type ReceivedAnswer } from './to-answer.ts'

export interface ListOptions {
  readonly signal: AbortSignal
  /** Waited for before every request, for whoever keeps a budget; a rejection ends the list. */
  readonly beforeRequest?: (() => Promise<void>) | undefined
}

/**
 * The operations of a team, or (beta) of a chat, in the order of Graph. A page is read when it is needed.
 *
 * An entry that is no operation ends the list with a `ProtocolError`: left out, the operation would look as
 * if it had never been started. Those before it have been given out by then.
 *
 * @throws InvalidLocationError when the owner is none, or a page links to another origin
 * @throws the reason of `signal` when that aborts
 */
export async function* listOperations(
  sender: GraphSender,
  owner: OperationOwner,
  { signal, beforeRequest }: ListOptions,
): AsyncGenerator<TeamsAsyncOperation, void, undefined> {
  const path = `${ownerPath(resolveOwner(owner))}/operations`
  const version: GraphVersion = owner.chatId === undefined ? 'v1.0' : 'beta'
  const doing = `for the list ${path}`
  const visited = new Set<string>()
  let next: string | undefined = `${sender.origin}/${version}${encodePath(path)}`
  while (next !== undefined) {
    visited.add(next)
    const got = await getResource(sender, next, signal, beforeRequest)
    if (got.kind === 'missing') throw missingAnswerError(got, doing, 'Ask again later.')
    if (got.kind === 'refused') throw refusalError(got, doing)
    const page = parsePage(got.answer, doing)
    for (const entry of page.value) {
      signal.throwIfAborted()
      yield toOperation(entry, got.answer, doing)
    }
    const requestId = requestIdOf(got.answer)
    next = page.nextLink === undefined ? undefined : resolveLink(page.nextLink, sender.origin, { requestId })
    if (next !== undefined && visited.has(next)) {
      throw protocolError(doing, 'a page that links back to an earlier one', page.nextLink, got.answer)
    }
  }
}

function parsePage(answer: ReceivedAnswer, doing: string): { value: readonly unknown[]; nextLink?: string } {
  const { body } = answer
  const value: unknown = isJsonObject(body) ? body.value : undefined
  if (!isJsonObject(body) || !Array.isArray(value)) {
    throw protocolError(doing, `${shortened(body)} instead of a page with \`value\``, body, answer)
  }
  const nextLink = body['@odata.nextLink'] ?? undefined
  if (nextLink === undefined) return { value }
  if (typeof nextLink === 'string') return { value, nextLink }
  throw protocolError(doing, `a page whose @odata.nextLink is ${shortened(nextLink)}`, nextLink, answer)
}

function toOperation(entry: unknown, answer: ReceivedAnswer, doing: string): TeamsAsyncOperation {
  const { operation, reason } = parseOperation(entry)
  if (operation) return operation
  throw protocolError(doing, `an entry that is no operation (${reason})`, entry, answer)
}

function protocolError(doing: string, got: string, received: unknown, answer: ReceivedAnswer): ProtocolError {
  return new ProtocolError(`Asked ${doing}, Graph answered ${answer.status} with ${got}. Ask again later.`, {
    received,
    requestId: requestIdOf(answer),
  })
}
