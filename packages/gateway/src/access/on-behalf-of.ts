import type { GraphCloud, TokenCredential } from '@teams-operations/core'
import type { OnBehalfOfCredential, TokenCredentialOptions } from '@azure/identity'
import { signInHost } from './entra-cloud.ts'
import type { CreateUserCredential } from './user-credential.ts'

/** The registration of the gateway with Entra ID, which users have allowed to act for them. */
export interface OnBehalfOfOptions {
  readonly tenantId: string
  readonly clientId: string
  /** What it proves itself with: this, or a certificate. */
  readonly clientSecret?: string | undefined
  /** A file with a certificate and its private key, as PEM. */
  readonly certificatePath?: string | undefined
  /** @default 'global' */
  readonly cloud?: GraphCloud | undefined
  /** How requests reach Entra ID. @default the network */
  readonly httpClient?: TokenCredentialOptions['httpClient'] | undefined
}

/**
 * The on-behalf-of exchange of OAuth: with the access token that a user came with, which is for the gateway,
 * Entra ID is asked for one that is for Graph. Such a token lets the gateway do what both the user and the
 * gateway may.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 * @throws TypeError when there is neither a secret nor a certificate, or both
 */
export function onBehalfOf(options: OnBehalfOfOptions): CreateUserCredential {
  const { tenantId, clientId, clientSecret, certificatePath, cloud = 'global', httpClient } = options
  if ((clientSecret === undefined) === (certificatePath === undefined)) {
    throw new TypeError('Expected either `clientSecret` or `certificatePath`, to prove who the gateway is.')
  }

  async function load(userAssertionToken: string): Promise<OnBehalfOfCredential> {
    // Half a second of loading, for nothing where nobody comes.
    const { OnBehalfOfCredential } = await import('@azure/identity')
    const settings = {
      tenantId,
      clientId,
      userAssertionToken,
      authorityHost: signInHost(cloud),
      ...(httpClient ? { httpClient } : {}),
    }
    return certificatePath === undefined
      ? new OnBehalfOfCredential({ ...settings, clientSecret: clientSecret ?? '' })
      : new OnBehalfOfCredential({ ...settings, certificatePath })
  }

  return (accessToken): TokenCredential => {
    let credential: Promise<OnBehalfOfCredential> | undefined
    return {
      async getToken(scopes, tokenOptions) {
        credential ??= load(accessToken)
        return (await credential).getToken(scopes, tokenOptions)
      },
    }
  }
}
