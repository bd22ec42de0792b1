import { CloseCode } from 'graphql-ws'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { TooManySubscriptionsError } from '../errors/too-many-subscriptions-error.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'

/** Of RFC 6455. Clients come back, after a while. */
export const SERVICE_RESTART = 1012
export const TRY_AGAIN_LATER = 1013
/** Of RFC 6455. The 4500 of graphql-ws would keep clients from coming back. */
export const INTERNAL_ERROR = 1011
/** The client does not read what it asked for. Clients of graphql-ws come back. */
export const TOO_SLOW = 4508

/**
 * How a socket is closed to whom it can't be served, or no longer: `undefined` for what nobody foresaw.
 * Clients of graphql-ws come back after 4403, with another token if they can get one. After 4401 they do
 * not, for nothing would be different.
 */
export function closeCodeFor(error: unknown): number | undefined {
  if (error instanceof UnauthenticatedError) {
    return error.reason === 'expired' ? CloseCode.Forbidden : CloseCode.Unauthorized
  }
  if (error instanceof ForbiddenError) return CloseCode.Forbidden
  const isForNow = error instanceof UnavailableError || error instanceof TooManySubscriptionsError
  return isForNow ? TRY_AGAIN_LATER : undefined
}
