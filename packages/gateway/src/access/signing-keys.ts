import type { Clock } from '@teams-operations/core'
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { UnavailableError } from '../errors/unavailable-error.ts'

/** How long keys are good that can't be fetched anew. */
const MAX_OUTAGE_MS = 86_400_000
/** How long it is not tried again after they could not be fetched. */
const RETRY_MS = 30_000

/**
 * The keys of a key set that others maintain. Fetched anew every ten minutes, and when a token names one
 * that is not known, though not twice within 30 seconds, whether that succeeds or not. While that is not possible, those that are known
 * go on being good for a day: an outage of the identity provider locks nobody out.
 */
export function signingKeys(url: URL, clock: Clock): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url)
  let fetchedAt = -Infinity
  let failure: { readonly at: number; readonly error: unknown } | undefined

  /** From the keys that are known, as long as those are good. */
  async function knownKey(
    error: unknown,
    ...[header, token]: Parameters<JWTVerifyGetKey>
  ): ReturnType<typeof remote> {
    const known = clock.monotonic() - fetchedAt < MAX_OUTAGE_MS ? remote.jwks() : undefined
    try {
      if (known) return await createLocalJWKSet(known)(header, token)
    } catch {
      // It may be signed with a key that is newer than the outage.
    }
    throw new UnavailableError(
      'Access tokens can not be checked at the moment.',
      `The signing keys at ${url.href} are out of reach: ${String(error)}`,
    )
  }

  return async (...asked) => {
    if (failure && clock.monotonic() - failure.at < RETRY_MS) return knownKey(failure.error, ...asked)
    try {
      const key = await remote(...asked)
      if (remote.fresh) fetchedAt = clock.monotonic()
      failure = undefined
      return key
    } catch (error) {
      if (isAboutToken(error)) throw error
      failure = { at: clock.monotonic(), error }
      return knownKey(error, ...asked)
    }
  }
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}
