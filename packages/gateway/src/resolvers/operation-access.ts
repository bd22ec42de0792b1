import type { OperationOwner, OperationRef } from '@teams-operations/core'
import { NEVER, type Observable } from 'rxjs'

/** What the principal of an operation may see. Whatever can't be decided rejects, and is not to be seen. */
export interface Access {
  /** Whether there is anything that they may not see. */
  readonly isLimited: boolean
  /** @throws ForbiddenError when they may not see the operation */
  demand(ref: OperationRef): Promise<void>
  /** @throws ForbiddenError when they may not ask for the operations of the team or chat */
  demandOwner(owner: OperationOwner): Promise<void>
  /** Whether they may see an operation, among others that they may. */
  allows(ref: OperationRef): Promise<boolean>
  /** Emits when all this may have changed, for better or worse. */
  readonly changes: Observable<void>
}

/** Everything may be seen. */
export const unlimitedAccess: Access = {
  isLimited: false,
  demand: async () => {},
  demandOwner: async () => {},
  allows: async () => true,
  changes: NEVER,
}

/** That of what is executed once for several: nothing in there can be decided for all of them. */
export const nobodysAccess: Access = {
  isLimited: true,
  demand: undecidable,
  demandOwner: undecidable,
  allows: undecidable,
  changes: NEVER,
}

async function undecidable(): Promise<never> {
  throw new Error('Expected nothing to be decided where several share what is executed')
}
