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
import type { Principal } from '../resolvers/principal.ts'
import { DECISION_TIMEOUT_MS, inTime } from './in-time.ts'

/** Everybody who is there. */
export interface Identities {
  /** @throws what the authenticator does */
  prove(credentials: Credentials): Promise<Proof>
  /**
   * @throws UnauthenticatedError when what was proved has expired since
   * @throws ForbiddenError, UnavailableError when Graph can't be read for them
   */
  open(proof: Proof): Identity
  /** Asks again what they may see: all, or those of one principal. */
  revalidate(principalId?: string): void
  /** Ends those of one principal, and has their connections closed. */
  dismiss(principalId: string): void
}

export interface IdentitiesOptions extends Omit<IdentityOptions, 'prove' | 'onEnd'> {
  readonly authenticator: Authenticator
}

export function createIdentities(options: IdentitiesOptions): Identities {
  const { authenticator, clock, onRefused } = options
  const present = new Set<OpenIdentity>()

  async function prove(credentials: Credentials): Promise<Proof> {
    try {
      const principal = await inTime(authenticator.authenticate(credentials), clock, unanswered)
      const expiresAt = expiryOf(principal)
      if (expiresAt !== undefined && expiresAt <= clock.now()) {
        throw new UnauthenticatedError('expired', 'The proof has expired')
      }
      const isUsual = expiresAt === principal.expiresAt
      return { principal: isUsual ? principal : { ...principal, expiresAt }, credentials }
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
    onEnd: (identity) => present.delete(identity),
  }

  return {
    prove,
    open(proof) {
      const identity = new ConnectionIdentity(proof, shared)
      // What was proved may have expired since.
      if (identity.reason) throw identity.reason
      present.add(identity)
      return identity
    },
    revalidate(principalId) {
      for (const identity of [...present]) {
        if (principalId === undefined || identity.principal.id === principalId) identity.revalidate()
      }
    },
    dismiss(principalId) {
      for (const identity of [...present]) if (identity.principal.id === principalId) identity.dismiss()
    },
  }
}

/** The last moment that can be written down. */
const END_OF_TIME = 8.64e15

/** @returns `undefined` for ever, which authenticators may say in other words */
function expiryOf({ expiresAt }: Principal): number | undefined {
  if (expiresAt === undefined || expiresAt > END_OF_TIME) return undefined
  if (Number.isFinite(expiresAt)) return expiresAt
  throw new TypeError(
    `Expected \`expiresAt\` of a principal to be in milliseconds since 1970, or undefined, got ${expiresAt}.`,
  )
}

function unanswered(): UnavailableError {
  return new UnavailableError(
    'Who you are can not be checked at the moment.',
    `The authenticator did not answer within ${DECISION_TIMEOUT_MS} ms`,
  )
}
