import { isDeepStrictEqual } from 'node:util'
import type { CancelTimer, Clock, OperationsClient } from '@teams-operations/core'
import { Subject } from 'rxjs'
import type { ErrorCode } from '../errors/error-code.ts'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'
import { unlimitedAccess, type Access } from '../resolvers/operation-access.ts'
import type { Principal } from '../resolvers/principal.ts'
import type { Credentials } from './authenticator.ts'
import type { Authorization } from './authorization.ts'
import { beforeExpiry } from './expiry.ts'
import { createLimitedAccess } from './limited-access.ts'
import type { OperationsLease, OperationsSource } from './operations-source.ts'
import { supersedes } from './supersedes.ts'

/** Whom a connection belongs to, and what that gives it, for as long as it is known. */
export interface Identity {
  /** Replaced when it was renewed; never by another one, or one of another access class. */
  readonly principal: Principal
  readonly access: Access
  readonly operations: OperationsClient
  /** Whether it is no longer known, or its connection has ended. */
  readonly isOver: boolean
  /** Why it is no longer known, once that is so. */
  readonly reason: Error | undefined
  /**
   * Calls back, once, when it is no longer known, with the error that says why: at once if it is not. Not when
   * {@link end} was called.
   *
   * @returns does not call back any more
   */
  whenOver(listener: (reason: Error) => void): () => void
  /** Whether a proof is of the same principal, and grants the same. */
  isOf(proof: Proof): boolean
  /**
   * Makes it last as long as a newer proof, also where that ends earlier; one that is not newer changes nothing.
   * If it is of another principal, or grants something else, the identity is over.
   */
  prolong(proof: Proof): void
  /** The same with credentials. Never rejects: when it can't be told now whose they are, nothing changes. */
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
  /** Ends it, and has its connection closed. */
  dismiss(): void
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
  readonly onEnd: (identity: OpenIdentity) => void
}

/** A class because there is one for each connection. */
export class ConnectionIdentity implements OpenIdentity {
  readonly access: Access
  readonly #options: IdentityOptions
  readonly #lease: OperationsLease
  /** As the authenticator has it. */
  #proved: Principal
  #principal: Principal
  #changes: Subject<void> | undefined
  #cancelExpiry: CancelTimer | undefined
  #listeners: readonly ((reason: Error) => void)[] = none
  #reason: Error | undefined
  #hasEnded = false

  /** @throws ForbiddenError, UnavailableError when Graph can't be read for the principal */
  constructor({ principal, credentials }: Proof, options: IdentityOptions) {
    const { authorization, source, onRefused } = options
    this.#options = options
    this.#proved = principal
    this.#principal = this.#classify(principal)
    this.#lease = source.lease(this.#principal, credentials)
    if (authorization.isLimited) this.#changes = new Subject()
    this.access = this.#changes
      ? createLimitedAccess({
          authorization,
          principal: () => this.#principal,
          changes: this.#changes,
          onRefused,
        })
      : unlimitedAccess
    this.#waitForExpiry()
  }

  get principal(): Principal {
    return this.#principal
  }

  get operations(): OperationsClient {
    return this.#lease.operations
  }

  get isOver(): boolean {
    return this.#hasEnded
  }

  get reason(): Error | undefined {
    return this.#reason
  }

  whenOver(listener: (reason: Error) => void): () => void {
    if (this.#reason) listener(this.#reason)
    // Not spread, which would leave room for more: there is one for each connection.
    else this.#listeners = this.#listeners.concat(listener)
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  isOf({ principal }: Proof): boolean {
    const { id, accessClass } = this.#principal
    return principal.id === id && this.#classify(principal).accessClass === accessClass
  }

  async renew(credentials: Credentials): Promise<void> {
    try {
      this.prolong(await this.#options.prove(credentials))
    } catch (error) {
      if (error instanceof UnauthenticatedError || error instanceof ForbiddenError) this.#end(error)
      else if (!(error instanceof UnavailableError)) this.#options.onUnexpectedError(error)
    }
  }

  revalidate(): void {
    if (this.#keepsClassOf(this.#proved)) this.#changes?.next()
  }

  end(): void {
    this.#end()
  }

  dismiss(): void {
    this.#end(new ForbiddenError('The gateway has ended the connection.', 'Dismissed'))
  }

  prolong({ principal, credentials }: Proof): void {
    if (this.#hasEnded) return
    if (principal.id !== this.#principal.id) {
      return this.#refuse('The access token is of somebody else.', `Renewal by ${principal.id}`)
    }
    if (!this.#keepsClassOf(principal) || !supersedes(principal, this.#proved)) return
    const isSame = isDeepStrictEqual(principal, this.#proved)
    this.#proved = principal
    this.#principal = this.#classify(principal)
    this.#lease.renew(this.#principal, credentials)
    if (isSame) return
    this.#waitForExpiry()
    this.#changes?.next()
  }

  /** What is executed is shared by class: that can't change while something is. */
  #keepsClassOf(next: Principal): boolean {
    try {
      if (this.#classify(next).accessClass === this.#principal.accessClass) return true
      this.#refuse('What may be seen has changed. Connect again.', 'Another access class than before')
    } catch (error) {
      this.#options.onUnexpectedError(error)
      this.#end(new ForbiddenError('It is not known what may be seen. Connect again.', String(error)))
    }
    return false
  }

  #classify(principal: Principal): Principal {
    const { authorization, source } = this.#options
    return source.classify(authorization.classify(principal))
  }

  #waitForExpiry(): void {
    const { expiresAt } = this.#principal
    this.#cancelExpiry?.()
    if (expiresAt === undefined) return
    this.#cancelExpiry = beforeExpiry(expiresAt, this.#options, () =>
      this.#end(new UnauthenticatedError('expired', 'The token of a connection has expired')),
    )
  }

  #refuse(message: string, detail: string): void {
    this.#options.onRefused({ code: 'FORBIDDEN', detail, principalId: this.#principal.id })
    this.#end(new ForbiddenError(message, detail))
  }

  #end(reason?: Error): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#reason = reason
    this.#cancelExpiry?.()
    this.#changes?.complete()
    this.#lease.release()
    this.#options.onEnd(this)
    const listeners = this.#listeners
    this.#listeners = none
    if (reason) for (const listener of listeners) listener(reason)
  }
}

const none: readonly never[] = []
