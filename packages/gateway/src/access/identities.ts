import { Subject } from 'rxjs'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'
import type { Authenticator, Credentials } from './authenticator.ts'
import {
  createIdentity,
  type Identity,
  type IdentityOptions,
  type OpenIdentity,
  type Proof,
} from './identity.ts'

/** Everybody who is there. */
export interface Identities {
  /** @throws what the authenticator does */
  prove(credentials: Credentials): Promise<Proof>
  /** @throws ForbiddenError, UnavailableError when Graph can't be read for them */
  open(proof: Proof): Identity
  /** Asks again what they may see: all, or those of one principal. */
  revalidate(principalId?: string): void
}

export interface IdentitiesOptions extends Omit<IdentityOptions, 'prove' | 'onEnd' | 'changesOfAnybody'> {
  readonly authenticator: Authenticator
}

export function createIdentities(options: IdentitiesOptions): Identities {
  const { authenticator, clock, onRefused } = options
  const present = new Set<OpenIdentity>()
  const changesOfAnybody = new Subject<void>()

  async function prove(credentials: Credentials): Promise<Proof> {
    try {
      const principal = await authenticator.authenticate(credentials)
      const { expiresAt = Infinity } = principal
      if (expiresAt <= clock.now()) throw new UnauthenticatedError('expired', 'The proof has expired')
      return { principal, credentials }
    } catch (error) {
      if (error instanceof UnauthenticatedError) onRefused({ code: 'UNAUTHENTICATED', detail: error.detail })
      if (error instanceof ForbiddenError) onRefused({ code: 'FORBIDDEN', detail: error.detail })
      if (error instanceof UnavailableError) onRefused({ code: 'SERVICE_UNAVAILABLE', detail: error.detail })
      throw error
    }
  }

  return {
    prove,
    open(proof) {
      const identity = createIdentity(proof, {
        ...options,
        prove,
        changesOfAnybody,
        onEnd: () => present.delete(identity),
      })
      present.add(identity)
      return identity
    },
    revalidate(principalId) {
      for (const identity of [...present]) {
        if (principalId === undefined || identity.principal.id === principalId) identity.revalidate()
      }
      changesOfAnybody.next()
    },
  }
}
