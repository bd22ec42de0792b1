import type { AccessToken, TokenCredential, TokenOptions } from '../../src/graph/credential.ts'

export type ScriptedToken = AccessToken | null | Error | 'never'

export interface ScriptedCredential extends TokenCredential {
  readonly asked: readonly { readonly scopes: string | readonly string[]; readonly options?: TokenOptions }[]
}

/** A credential that gives `token-1`, `token-2` and so on, or what the script says instead. */
export function scriptedCredential(...script: readonly ScriptedToken[]): ScriptedCredential {
  const asked: { scopes: string | readonly string[]; options?: TokenOptions }[] = []
  return {
    asked,
    async getToken(scopes, options) {
      asked.push({ scopes, ...(options && { options }) })
      const next = script[asked.length - 1]
      if (next === 'never') return new Promise(() => {})
      if (next instanceof Error) throw next
      return next === undefined
        ? { token: `token-${asked.length}`, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }
        : next
    },
  }
}
