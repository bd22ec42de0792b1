import { fixedToken, type TokenCredential } from '@teams-operations/core'
import { signInHost } from '../access/entra-cloud.ts'
import type { Configuration } from './configuration.ts'

/**
 * What signs in to Graph as the application: the token that was pasted, what it proves itself with where it acts
 * on behalf of users, or what the Azure SDKs find on this machine.
 */
export async function credentialFor(configuration: Configuration): Promise<TokenCredential> {
  const { graphToken, applicationProof, entraTenantId = '', cloud } = configuration
  if (graphToken !== undefined) return fixedToken(graphToken)
  // Half a second of loading, for nothing where it is simulated.
  const identity = await import('@azure/identity')
  const options = { authorityHost: signInHost(cloud) }
  if (!applicationProof) return new identity.DefaultAzureCredential(options)
  const { clientId, clientSecret, certificatePath = '' } = applicationProof
  return clientSecret === undefined
    ? new identity.ClientCertificateCredential(entraTenantId, clientId, certificatePath, options)
    : new identity.ClientSecretCredential(entraTenantId, clientId, clientSecret, options)
}
