import { fixedToken, type GraphCloud, type TokenCredential } from '@teams-operations/core'
import type { Configuration } from './configuration.ts'

/** Where the other clouds have people and programs sign in. */
const authorityHosts: Readonly<Partial<Record<GraphCloud, string>>> = {
  usgov: 'https://login.microsoftonline.us',
  'usgov-dod': 'https://login.microsoftonline.us',
  china: 'https://login.chinacloudapi.cn',
}

/** What signs in to Graph: the token that was pasted, or what the Azure SDKs find on this machine. */
export async function credentialFor({ graphToken, cloud }: Configuration): Promise<TokenCredential> {
  if (graphToken !== undefined) return fixedToken(graphToken)
  // Half a second of loading, for nothing where it is simulated.
  const { DefaultAzureCredential } = await import('@azure/identity')
  const authorityHost = authorityHosts[cloud]
  return new DefaultAzureCredential(authorityHost === undefined ? {} : { authorityHost })
}
