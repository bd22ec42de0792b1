import type { OperationOwner, OperationRef } from '@teams-operations/core'
import type { Principal } from '../resolvers/principal.ts'

/** Decides who may see what. Without it everybody who may use the gateway may see everything. */
export interface AuthorizationOptions {
  /**
   * Whether a principal may see an operation. Asked whenever one subscribes to it or queries it, for each of
   * those that are listed, and again when that may have changed: after `gateway.revalidate()`, and when an
   * access token was renewed. Who throws says no.
   *
   * @default everybody may
   */
  readonly authorize?: ((principal: Principal, ref: OperationRef) => boolean | Promise<boolean>) | undefined
  /**
   * Whether a principal may ask for the operations of a team or chat, before Graph is asked.
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

/** The decisions, as asked for in here. */
export interface Authorization {
  /** Whether there is anything to ask. */
  readonly isLimited: boolean
  /** The principal with the class in which they share what is executed. */
  classify(principal: Principal): Principal
  allows(principal: Principal, ref: OperationRef): Promise<boolean>
  allowsOwner(principal: Principal, owner: OperationOwner): Promise<boolean>
}

export function createAuthorization({
  authorize,
  authorizeOwner,
  accessClass,
}: AuthorizationOptions): Authorization {
  function classOf(principal: Principal): string {
    // Marked by where it comes from: no class that is given can be that of somebody else by accident.
    if (accessClass) return JSON.stringify(['given', accessClass(principal)])
    if (authorize) return JSON.stringify(['principal', principal.id, principal.accessClass])
    return principal.accessClass
  }

  return {
    isLimited: authorize !== undefined || authorizeOwner !== undefined,
    classify(principal) {
      const accessClassOf = classOf(principal)
      return accessClassOf === principal.accessClass
        ? principal
        : { ...principal, accessClass: accessClassOf }
    },
    allows: async (principal, ref) => (await authorize?.(principal, ref)) ?? true,
    allowsOwner: async (principal, owner) => (await authorizeOwner?.(principal, owner)) ?? true,
  }
}
