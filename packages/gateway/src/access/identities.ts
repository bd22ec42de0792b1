import type { Clock } from '@teams-operations/core'
import { Subject } from 'rxjs'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'
import type { Authenticator, Credentials } from './authenticator.ts'
import {
  ConnectionIdentity,
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
  /** Ends those of one principal, and has their connections closed. */
  dismiss(principalId: string): void
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
      const principal = await inTime(authenticator.authenticate(credentials), clock)
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

  const shared: IdentityOptions = {
    ...options,
    prove,
    changesOfAnybody,
    onEnd: (identity) => present.delete(identity),
  }

  return {
    prove,
    open(proof) {
      const identity = new ConnectionIdentity(proof, shared)
      present.add(identity)
      return identity
    },
    revalidate(principalId) {
      for (const identity of [...present]) {
        if (principalId === undefined || identity.principal.id === principalId) identity.revalidate()
      }
      changesOfAnybody.next()
    },
    dismiss(principalId) {
      for (const identity of [...present]) if (identity.principal.id === principalId) identity.dismiss()
    },
  }
}

/** How long an authenticator may take: who waits has no limits of their own yet. */
const PROOF_TIMEOUT_MS = 10_000

async function inTime<Answer>(answer: Promise<Answer>, clock: Clock): Promise<Answer> {
  const late = Promise.withResolvers<never>()
  const cancelTimer = clock.timer(PROOF_TIMEOUT_MS, () =>
    late.reject(
      new UnavailableError(
        'Who you are can not be checked at the moment.',
        `The authenticator did not answer within ${PROOF_TIMEOUT_MS} ms`,
      ),
    ),
  )
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    cancelTimer()
  }
}
