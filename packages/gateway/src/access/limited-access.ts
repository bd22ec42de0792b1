import type { Observable } from 'rxjs'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import type { Access } from '../resolvers/operation-access.ts'
import type { Principal } from '../resolvers/principal.ts'
import type { Authorization } from './authorization.ts'
import type { ReportRefusal } from './identity.ts'

export interface LimitedAccessOptions {
  readonly authorization: Authorization
  /** As it is now: a renewal replaces it. */
  readonly principal: () => Principal
  readonly changes: Observable<void>
  readonly onRefused: ReportRefusal
}

/** What a principal may see, where that is not everything. */
export function createLimitedAccess(options: LimitedAccessOptions): Access {
  const { authorization, principal, changes, onRefused } = options

  function refusal(message: string, detail: string): ForbiddenError {
    onRefused({ code: 'FORBIDDEN', detail, principalId: principal().id })
    return new ForbiddenError(message, detail)
  }

  return {
    isLimited: true,
    changes,
    allows: (ref) => authorization.allows(principal(), ref),
    async demand(ref) {
      if (await authorization.allows(principal(), ref)) return
      throw refusal(`Expected an operation that you may see, got ${ref.location}.`, `For ${ref.location}`)
    },
    async demandOwner(owner) {
      if (await authorization.allowsOwner(principal(), owner)) return
      const { teamId, chatId } = owner
      const name = teamId === undefined ? `chat ${chatId}` : `team ${teamId}`
      throw refusal(`Expected a team or chat whose operations you may see, got ${name}.`, `For ${name}`)
    },
  }
}
