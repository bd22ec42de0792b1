import type { Clock, OperationsClient } from '@teams-operations/core'
import { Subject } from 'rxjs'
import type { ErrorCode } from '../errors/error-code.ts'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'
import type { Access } from '../resolvers/operation-access.ts'
import type { Principal } from '../resolvers/principal.ts'
import type { Credentials } from './authenticator.ts'
import type { Authorization } from './authorization.ts'
import { beforeExpiry } from './expiry.ts'
import type { OperationsSource } from './operations-source.ts'

/** Whom a connection belongs to, and what that gives it, for as long as it is known. */
export interface Identity {
  /** Replaced when it was renewed; never by another one, or one of another access class. */
  readonly principal: Principal
  readonly access: Access
  readonly operations: OperationsClient
  /** Aborted when it is no longer known, with the error that says why. */
  readonly over: AbortSignal
  /**
   * Makes it last as long as the new credentials, if they are of the same principal; otherwise it is over.
   * Never rejects: when that can't be told now, nothing changes.
   */
  renew(credentials: Credentials): Promise<void>
  /** The connection has ended. Harmless when it had. */
  end(): void
}

/** Who has proved who they are, and with what. */
export interface Proof {
  readonly principal: Principal
  readonly credentials: Credentials
}

export interface OpenIdentity extends Identity {
  /** Asks again what it may see. */
  revalidate(): void
}

/** Told why somebody was refused: what the log should know, and the client should not. */
export type ReportRefusal = (refusal: Refused) => void

export interface Refused {
  readonly code: ErrorCode
  /** Never holds a token. */
  readonly detail: string
  /** Who was refused, where that is known. */
  readonly principalId?: string | undefined
}

export interface IdentityOptions {
  readonly authorization: Authorization
  readonly source: OperationsSource
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly prove: (credentials: Credentials) => Promise<Proof>
  readonly onRefused: ReportRefusal
  readonly onUnexpectedError: (error: unknown) => void
  readonly onEnd: () => void
  /** What any of them may see may have changed. */
  readonly changesOfAnybody: Subject<void>
}

/** @throws ForbiddenError, UnavailableError when Graph can't be read for the principal */
export function createIdentity(proof: Proof, options: IdentityOptions): OpenIdentity {
  const { authorization, source, prove, onRefused, onUnexpectedError, onEnd, changesOfAnybody } = options
  const over = new AbortController()
  const changes = new Subject<void>()
  /** As the authenticator has it. */
  let proved = proof.principal
  let principal = classify(proved)
  const lease = source.lease(principal, proof.credentials)
  let hasEnded = false
  let cancelExpiry = waitForExpiry()

  function classify(authenticated: Principal): Principal {
    return source.classify(authorization.classify(authenticated))
  }

  function end(reason?: Error): void {
    if (hasEnded) return
    hasEnded = true
    cancelExpiry()
    changes.complete()
    lease.release()
    onEnd()
    if (reason) over.abort(reason)
  }

  function waitForExpiry(): () => void {
    const { expiresAt } = principal
    if (expiresAt === undefined) return () => {}
    return beforeExpiry(expiresAt, options, () =>
      end(new UnauthenticatedError('expired', 'The token of a connection has expired')),
    )
  }

  function refusal(message: string, detail: string): ForbiddenError {
    onRefused({ code: 'FORBIDDEN', detail, principalId: principal.id })
    return new ForbiddenError(message, detail)
  }

  /** What is executed is shared by class: that can't change while something is. */
  function keepClassOf(next: Principal): boolean {
    try {
      if (classify(next).accessClass === principal.accessClass) return true
      end(refusal('What may be seen has changed. Connect again.', 'Another access class than before'))
    } catch (error) {
      onUnexpectedError(error)
      end(new ForbiddenError('It is not known what may be seen. Connect again.', String(error)))
    }
    return false
  }

  function replace(next: Proof): void {
    if (next.principal.id !== principal.id) {
      return end(refusal('The access token is of somebody else.', `Renewal by ${next.principal.id}`))
    }
    const { expiresAt = Infinity } = next.principal
    if (!keepClassOf(next.principal) || expiresAt <= (principal.expiresAt ?? Infinity)) return
    proved = next.principal
    principal = classify(proved)
    cancelExpiry()
    cancelExpiry = waitForExpiry()
    lease.renew(principal, next.credentials)
    changes.next()
    changesOfAnybody.next()
  }

  return {
    get principal() {
      return principal
    },
    operations: lease.operations,
    over: over.signal,
    access: {
      isLimited: authorization.isLimited,
      changes,
      changesOfAnybody,
      allows: (ref) => authorization.allows(principal, ref),
      async demand(ref) {
        if (await authorization.allows(principal, ref)) return
        throw refusal(`Expected an operation that you may see, got ${ref.location}.`, `For ${ref.location}`)
      },
      async demandOwner(owner) {
        if (await authorization.allowsOwner(principal, owner)) return
        const { teamId, chatId } = owner
        const name = teamId === undefined ? `chat ${chatId}` : `team ${teamId}`
        throw refusal(`Expected a team or chat whose operations you may see, got ${name}.`, `For ${name}`)
      },
    },

    async renew(credentials) {
      try {
        const next = await prove(credentials)
        if (!hasEnded) replace(next)
      } catch (error) {
        if (error instanceof UnauthenticatedError || error instanceof ForbiddenError) end(error)
        else if (!(error instanceof UnavailableError)) onUnexpectedError(error)
      }
    },

    revalidate() {
      if (keepClassOf(proved)) changes.next()
    },

    end: () => end(),
  }
}
