import type { Clock, OperationOwner, OperationRef } from '@teams-operations/core'
import { UnavailableError } from '../errors/unavailable-error.ts'
import type { Principal } from '../resolvers/principal.ts'
import type { AuthorizeStart, RequestedStart } from '../resolvers/start-access.ts'
import type { ReportRefusal } from './identity.ts'
import { DECISION_TIMEOUT_MS, inTime } from './in-time.ts'

/** Decides who may see what. Without it everybody who may use the gateway may see everything. */
export interface AuthorizationOptions {
  /**
   * Whether a principal may see an operation. Asked whenever one subscribes to it, before and after it is
   * queried, for each of those that are listed, and again when that may have changed: after
   * `gateway.revalidate()`, and when an access token was renewed. Anything but `true` is no, and so is throwing
   * or taking longer than 10 seconds; until it is decided nothing is shown.
   *
   * @default everybody may
   */
  readonly authorize?: ((principal: Principal, ref: OperationRef) => boolean | Promise<boolean>) | undefined
  /**
   * Whether a principal may ask for the operations of a team or chat, before and after Graph is asked. Asked as
   * well before one is started in a team, unless a function of its own says who may start something.
   *
   * @default everybody may, and gets those that `authorize` lets them see
   */
  readonly authorizeOwner?:
    ((principal: Principal, owner: OperationOwner) => boolean | Promise<boolean>) | undefined
  /**
   * A name for all who may see the same: what is executed for one of them is sent to the others. Those for
   * whom `authorize` may answer differently must not have the same.
   *
   * @default one for each principal with `authorize`; without it, one for all whose tokens grant the same
   */
  readonly accessClass?: ((principal: Principal) => string) | undefined
}

/** The decisions, as asked for in here. Each rejects with an `UnavailableError` when it takes too long. */
export interface Authorization {
  /** Whether there is anything to ask before something is shown. */
  readonly isLimited: boolean
  /** The principal with the class in which they share what is executed. */
  classify(principal: Principal): Principal
  allows(principal: Principal, ref: OperationRef): Promise<boolean>
  allowsOwner(principal: Principal, owner: OperationOwner): Promise<boolean>
  readonly allowsStart: AuthorizeStart
}

export interface DecisionOptions {
  readonly allowStart: boolean | AuthorizeStart
  readonly clock: Clock
  /** Told of decisions that took too long, and of what may not be started. */
  readonly onRefused: ReportRefusal
}

export function createAuthorization(
  { authorize, authorizeOwner, accessClass }: AuthorizationOptions,
  { allowStart, clock, onRefused }: DecisionOptions,
): Authorization {
  function classOf(principal: Principal): string {
    // Marked by where it comes from: no class that is given can be that of somebody else by accident.
    if (accessClass) return JSON.stringify(['given', accessClass(principal)])
    if (authorize) return JSON.stringify(['principal', principal.id, principal.accessClass])
    return principal.accessClass
  }

  /** @param answer what it ought to be: without types, a function may give anything */
  async function isYes(answer: unknown, { id: principalId }: Principal): Promise<boolean> {
    if (typeof answer === 'boolean') return answer
    const decision = await inTime(Promise.resolve(answer), clock, () => {
      const detail = `There was no decision within ${DECISION_TIMEOUT_MS} ms`
      onRefused({ code: 'SERVICE_UNAVAILABLE', detail, principalId })
      return new UnavailableError('What you may do can not be decided at the moment.', detail)
    })
    return decision === true
  }

  async function allowsOwner(principal: Principal, owner: OperationOwner): Promise<boolean> {
    return !authorizeOwner || isYes(authorizeOwner(principal, owner), principal)
  }

  async function mayStart(principal: Principal, start: RequestedStart): Promise<boolean> {
    if (typeof allowStart === 'function') return isYes(allowStart(principal, start), principal)
    const { teamId } = start
    return allowStart && (teamId === undefined || allowsOwner(principal, { teamId }))
  }

  return {
    isLimited: authorize !== undefined || authorizeOwner !== undefined,
    classify(principal) {
      const accessClassOf = classOf(principal)
      return accessClassOf === principal.accessClass
        ? principal
        : { ...principal, accessClass: accessClassOf }
    },
    allows: async (principal, ref) => !authorize || isYes(authorize(principal, ref), principal),
    allowsOwner,
    async allowsStart(principal, start) {
      if (await mayStart(principal, start)) return true
      const detail = `May not ${start.request.description}`
      onRefused({ code: 'FORBIDDEN', detail, principalId: principal.id })
      return false
    },
  }
}
