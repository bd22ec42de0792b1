/** The versions of Microsoft Graph. Operations of a chat exist in beta only. */
export type GraphVersion = 'v1.0' | 'beta'

/** Whose operation it is: the resource that Graph's limits count requests against. */
export type OperationOwner =
  { readonly teamId: string; readonly chatId?: never } | { readonly chatId: string; readonly teamId?: never }

/**
 * Where an operation lives. A plain value that can be stored, sent and compared by `location`: every
 * spelling of the same operation gives the same one.
 */
export interface OperationRef {
  /**
   * Canonical and without a version, in the form that Graph sends:
   * `/teams('{id}')/operations('{id}')`. Doubles as the identity of the operation.
   */
  readonly location: string
  readonly operationId: string
  readonly owner: OperationOwner
}

/** The version of Graph that knows this operation. */
export function versionOf(ref: OperationRef): GraphVersion {
  return ref.owner.chatId === undefined ? 'v1.0' : 'beta'
}
