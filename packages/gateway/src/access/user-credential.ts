import type { TokenCredential } from '@teams-operations/core'

/** Makes a credential for Graph of the access token that a user came with. */
export type CreateUserCredential = (accessToken: string) => TokenCredential

/** Acts on behalf of a user with the access token of theirs that is good for longest. */
export interface UserCredential extends TokenCredential {
  /** They have come with another one. */
  replace(accessToken: string, expiresAt: number): void
}

export function createUserCredential(
  credentialFor: CreateUserCredential,
  accessToken: string,
  expiresAt: number,
): UserCredential {
  let credential = credentialFor(accessToken)
  let goodUntil = expiresAt

  return {
    getToken: (scopes, options) => credential.getToken(scopes, options),
    replace(next, nextExpiresAt) {
      if (nextExpiresAt <= goodUntil) return
      credential = credentialFor(next)
      goodUntil = nextExpiresAt
    },
  }
}
