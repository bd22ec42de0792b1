/** Whose operation it is. */
export type OwnerKind = 'team' | 'chat'

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function isGuid(id: string): boolean {
  return guid.test(id)
}

/** GUIDs are the same in either case; the identifiers of chats and channels are not. */
export function keyOf(id: string): string {
  return isGuid(id) ? id.toLowerCase() : id
}

/** One spelling for every operation, whatever a request used: the one that recorded traffic has. */
export function operationKey(ownerKind: OwnerKind, ownerId: string, operationId: string): string {
  return `/${ownerKind}s('${keyOf(ownerId)}')/operations('${keyOf(operationId)}')`
}
