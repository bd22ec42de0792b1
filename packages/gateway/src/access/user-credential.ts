import type { Clock, TokenCredential } from '@teams-operations/core'
import type { Principal } from '../resolvers/principal.ts'
import { supersedes } from './supersedes.ts'

/** Makes a credential for Graph of the access token that a user came with. */
export type CreateUserCredential = (accessToken: string) => TokenCredential

/** What a user came with, and what is known of it. */
export interface UserToken {
  readonly accessToken: string
  readonly principal: Principal
}

/**
 * Acts on behalf of a user with the newest access token of theirs; when that has expired, with the one that is
 * good for longest, which may be of another device.
 */
export interface UserCredential extends TokenCredential {
  /** They have come with another one, or with one from before. */
  replace(token: UserToken): void
}

interface HeldToken extends UserToken {
  readonly credential: TokenCredential
}

export function createUserCredential(
  credentialFor: CreateUserCredential,
  token: UserToken,
  clock: Clock,
): UserCredential {
  let newest: HeldToken = { ...token, credential: credentialFor(token.accessToken) }
  let longest = newest

  return {
    getToken(scopes, options) {
      const { credential } = expiryOf(newest) > clock.now() ? newest : longest
      return credential.getToken(scopes, options)
    },
    replace(next) {
      const isNewest = supersedes(next.principal, newest.principal)
      const isLongest = expiryOf(next) > expiryOf(longest)
      if (!isNewest && !isLongest) return
      // The same token keeps its credential, which remembers what it was exchanged for.
      const known = [newest, longest].find(({ accessToken }) => accessToken === next.accessToken)
      const held = known ?? { ...next, credential: credentialFor(next.accessToken) }
      if (isNewest) newest = held
      if (isLongest) longest = held
    },
  }
}

function expiryOf({ principal: { expiresAt = Infinity } }: UserToken): number {
  return expiresAt
}
