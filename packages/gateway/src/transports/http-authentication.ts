import { GraphQLError } from 'graphql'
import type { Identities } from '../access/identities.ts'
import type { Proof } from '../access/identity.ts'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import type { PresentError } from '../errors/present-error.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { statusOf } from './http-status.ts'
import { jsonTypeFor } from './media-types.ts'

/** Has requests prove who sent them. */
export interface HttpAuthentication {
  /** @returns the answer to one that can't; `undefined` for one that has */
  refuse(request: Request): Promise<Response | undefined>
  /** What a request that was not refused has proved. */
  proofOf(request: Request): Proof
}

export function createHttpAuthentication({
  identities,
  present,
}: {
  readonly identities: Identities
  readonly present: PresentError
}): HttpAuthentication {
  const proofs = new WeakMap<Request, Proof>()

  return {
    async refuse(request) {
      try {
        proofs.set(request, await identities.prove({ authorization: request.headers.get('authorization') }))
        return undefined
      } catch (error) {
        return refusal(request, error, present)
      }
    },
    proofOf(request) {
      const proof = proofs.get(request)
      if (!proof) throw new Error('Expected a request that has proved who sent it')
      return proof
    },
  }
}

/** In the shape of a GraphQL response, so that clients understand it. */
function refusal(request: Request, thrown: unknown, present: PresentError): Response {
  const error = present(thrown)
  const challenge = challengeFor(thrown)
  return new Response(JSON.stringify({ errors: [error] }), {
    status: statusOf(error),
    headers: {
      'Content-Type': jsonTypeFor(request),
      ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
      ...(statusOf(error) === 503 ? { 'Retry-After': '5' } : {}),
    },
  })
}

/** The error, with the header that belongs to it where it is what a request is answered with. */
export function challengedBy(error: Error): Error {
  const challenge = challengeFor(error)
  if (challenge === undefined || !(error instanceof GraphQLError)) return error
  const http = { headers: { 'WWW-Authenticate': challenge } }
  return new GraphQLError(error.message, { extensions: { ...error.extensions, http } })
}

/** @see https://datatracker.ietf.org/doc/html/rfc6750#section-3 */
function challengeFor(error: unknown): string | undefined {
  if (error instanceof ForbiddenError) return 'Bearer error="insufficient_scope"'
  if (!(error instanceof UnauthenticatedError)) return undefined
  if (error.reason === 'missing') return 'Bearer'
  return `Bearer error="invalid_token", error_description="${error.message}"`
}
