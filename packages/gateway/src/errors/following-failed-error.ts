import type { OperationRef } from '@teams-operations/core'

/** Why one of several operations can't be followed: the error itself, and which operation it is about. */
export class FollowingFailedError extends Error {
  readonly ref: OperationRef

  constructor(ref: OperationRef, error: unknown) {
    super(`${ref.location} can't be followed`, { cause: error })
    this.name = 'FollowingFailedError'
    this.ref = ref
  }
}
