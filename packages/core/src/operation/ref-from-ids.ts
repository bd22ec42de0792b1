import { expectId } from './expect-id.ts'
import type { OperationOwner, OperationRef } from './operation-ref.ts'
import { ownerPath, resolveOwner } from './resolve-owner.ts'

/** The identifiers of an operation, as Graph writes them and not percent-encoded. */
export type OperationIds = OperationOwner & { readonly operationId: string }

const operationIdGrammar = /^[A-Za-z0-9-]{1,200}$/
/** A team's operation has one GUID, a chat's has three. */
const joinedGuids = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:-(?!$)|$))+$/i

/**
 * The reference of the operation with these identifiers.
 *
 * @throws InvalidLocationError when an identifier is none, or could mean anything else in a URL
 */
export function refFromIds(ids: OperationIds): OperationRef {
  const owner = resolveOwner(ids)
  const given = expectId(
    'operationId',
    ids.operationId,
    isOperationId,
    'the id of an operation, mostly a GUID',
  )
  const operationId = joinedGuids.test(given) ? given.toLowerCase() : given
  // There may be 100,000 references. Joined rather than concatenated: what is concatenated keeps its parts for
  // as long as it lives. The identifiers are slices of the location, which share its characters.
  const location = [ownerPath(owner), "/operations('", operationId, "')"].join('')
  return {
    location,
    operationId: sliceOf(location, location.length - "')".length - operationId.length, operationId),
    owner:
      owner.chatId === undefined
        ? { teamId: sliceOf(location, "/teams('".length, owner.teamId) }
        : { chatId: sliceOf(location, "/chats('".length, owner.chatId) },
  }
}

function sliceOf(location: string, start: number, id: string): string {
  return location.slice(start, start + id.length)
}

function isOperationId(id: string): boolean {
  return operationIdGrammar.test(id)
}
