import type { TokenCredential } from '@teams-operations/core'

export interface CredentialListener {
  /** Told of each token before anybody else has it. */
  readonly onToken: (token: string) => void
  /** Told why there was none. @default nobody is told */
  readonly onFailed?: ((error: unknown) => void) | undefined
}

/** The credential, with what it gives told of. */
export function tellingCredential(
  credential: TokenCredential,
  { onToken, onFailed = () => {} }: CredentialListener,
): TokenCredential {
  return {
    async getToken(scopes, options) {
      try {
        const token = await credential.getToken(scopes, options)
        if (token) onToken(token.token)
        return token
      } catch (error) {
        // Whoever gave up waiting knows why.
        if (!options?.abortSignal?.aborted) onFailed(error)
        throw error
      }
    },
  }
}
