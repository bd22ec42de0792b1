import { grantsIn, includesGrants } from '../access/grants.ts'
import type { AuthorizeStart } from '../resolvers/start-access.ts'
import type { Configuration } from './configuration.ts'
import type { FoundSettings } from './read-settings.ts'

/** Who may start operations, as it was configured. */
export function startAccess({
  allowStart,
  startScopes: scopes,
  startRoles: roles,
}: Pick<Configuration, 'allowStart' | 'startScopes' | 'startRoles'>): boolean | AuthorizeStart {
  if (!allowStart || scopes.length + roles.length === 0) return allowStart
  return ({ claims = {} }) => includesGrants(grantsIn(claims), { scopes, roles })
}

/** Finds what is required of those who start something, where nobody can. What is wrong goes to `mistakes`. */
export function judgeStartAccess(
  { allowStart, startScopes, startRoles }: FoundSettings,
  mistakes: string[],
): void {
  if (allowStart.value) return
  for (const { source } of [startScopes, startRoles]) {
    if (source)
      mistakes.push(`${source}: expected --allow-start as well, without which nobody can start anything.`)
  }
}
