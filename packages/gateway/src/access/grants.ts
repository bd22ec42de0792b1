/** What a token of Entra ID lets whoever has it do. */
export interface Grants {
  /** Of users who let an app act for them: `scp`. */
  readonly scopes: readonly string[]
  /** Of apps by themselves, and of users who were assigned them: `roles`. */
  readonly roles: readonly string[]
}

export function grantsIn({ scp, roles }: Readonly<Record<string, unknown>>): Grants {
  return {
    scopes: typeof scp === 'string' ? scp.split(' ').filter(Boolean) : [],
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  }
}

/**
 * Whether all of the scopes are granted, or all of the roles: with both required, either is enough.
 *
 * @param required with neither, nothing is
 */
export function includesGrants(granted: Grants, required: Grants): boolean {
  return includesAll(granted.scopes, required.scopes) || includesAll(granted.roles, required.roles)
}

function includesAll(granted: readonly string[], required: readonly string[]): boolean {
  return required.length > 0 && required.every((one) => granted.includes(one))
}
