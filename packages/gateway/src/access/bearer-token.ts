import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import type { Credentials } from './authenticator.ts'

/**
 * The token of `Bearer {token}`: from `authorization`, in whatever case, of `connection_init`, or else from
 * the header `Authorization`.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6750#section-2.1
 * @throws UnauthenticatedError when there is none
 */
export function bearerToken({ authorization, connectionParams = {} }: Credentials): string {
  const name = authorizationIn(connectionParams)
  const value = name === undefined ? authorization : connectionParams[name]
  if (value === undefined || value === null || value === '') {
    throw new UnauthenticatedError('missing', 'There was no token')
  }
  const [, token] = (typeof value === 'string' && /^Bearer +([\w.~+/-]+=*)$/i.exec(value)) || []
  if (token === undefined) throw new UnauthenticatedError('invalid', 'Expected `Bearer` and a token')
  return token
}

/** Whether what came with `connection_init`, or with a `ping`, says who somebody is. */
export function holdsAuthorization(payload: Readonly<Record<string, unknown>>): boolean {
  return authorizationIn(payload) !== undefined
}

function authorizationIn(payload: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(payload).find((name) => name.toLowerCase() === 'authorization')
}
