/**
 * Whatever gives tokens. The shape of `TokenCredential` in `@azure/core-auth`, so every credential of
 * `@azure/identity` is one, without this package depending on it.
 */
export interface TokenCredential {
  getToken(scopes: string | string[], options?: TokenOptions): Promise<AccessToken | null>
}

export interface TokenOptions {
  readonly abortSignal?: AbortSignal
  /** What a 401 challenged for, as JSON. */
  readonly claims?: string
  /** Declares that claims challenges are understood (continuous access evaluation). */
  readonly enableCae?: boolean
}

export interface AccessToken {
  readonly token: string
  /** When it expires, in milliseconds since 1970. */
  readonly expiresOnTimestamp: number
  /** When a fresh one should be asked for, in milliseconds since 1970. */
  readonly refreshAfterTimestamp?: number
}
