import type { OperationOwner } from './operation-ref.ts'
import { resolveOwner } from './resolve-owner.ts'

const ownerKey = /\/(teams|chats)(?:\('?|\/)([^'()/?#]+)/

/**
 * The team or chat that a link of Graph seems to be about: to count a request against its limit, and for
 * nothing else. Links are opaque, and a wrong guess costs no more than a second.
 */
export function ownerOfLink(link: string): OperationOwner | undefined {
  const [, kind, key = ''] = ownerKey.exec(link) ?? []
  try {
    const id = decodeURIComponent(key)
    return resolveOwner(kind === 'chats' ? { chatId: id } : { teamId: id })
  } catch {
    return undefined
  }
}
