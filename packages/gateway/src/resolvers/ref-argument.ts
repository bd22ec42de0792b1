import type { OperationOwner, RefInput } from '@teams-operations/core'

/** `TeamsAsyncOperationRef`, which the schema guarantees to have exactly one field that is not null. */
export interface RefArgument {
  readonly location?: string
  readonly team?: { readonly teamId: string; readonly operationId: string }
  readonly chat?: { readonly chatId: string; readonly operationId: string }
}

/** `TeamsAsyncOperationOwner`, of which the same is true. */
export interface OwnerArgument {
  readonly teamId?: string
  readonly chatId?: string
}

/** What the core takes for it. Whether it is an operation of this Graph is for the core to say. */
export function refInput({ location, team, chat }: RefArgument): RefInput {
  return team ?? chat ?? location ?? ''
}

/** What the core takes for it. */
export function operationOwner({ teamId, chatId }: OwnerArgument): OperationOwner {
  return chatId === undefined ? { teamId: teamId ?? '' } : { chatId }
}
