import { expectId } from './expect-id.ts'
import type { OperationOwner } from './operation-ref.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** `19:{guid}_{guid}@unq.gbl.spaces`, `19:{hex}@thread.v2`, `19:meeting_{base64}@thread.v2`. */
const chatIdGrammar = /^19:[A-Za-z0-9._-]{1,200}@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*$/
const MAX_CHAT_ID_LENGTH = 300

/**
 * The team or chat, checked, in the one spelling that is compared: GUIDs are the same whatever their case,
 * so a team's becomes lower case; a chat's id is case-sensitive and stays as it is.
 *
 * @throws InvalidLocationError when the id is none, or could mean anything else in a URL
 */
export function resolveOwner(owner: OperationOwner): OperationOwner {
  if (owner.chatId === undefined) {
    return { teamId: expectId('teamId', owner.teamId, isGuid, 'a GUID').toLowerCase() }
  }
  return { chatId: expectId('chatId', owner.chatId, isChatId, 'the id of a chat, such as 19:…@thread.v2') }
}

/** The path of a team or chat that {@link resolveOwner} gave, in the form that Graph sends. */
export function ownerPath(owner: OperationOwner): string {
  return owner.chatId === undefined ? `/teams('${owner.teamId}')` : `/chats('${owner.chatId}')`
}

function isGuid(id: string): boolean {
  return guid.test(id)
}

function isChatId(id: string): boolean {
  return id.length <= MAX_CHAT_ID_LENGTH && chatIdGrammar.test(id)
}
