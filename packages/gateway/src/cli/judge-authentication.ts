import { entra } from '../access/entra.ts'
import type { Environment, Found, FoundSettings } from './read-settings.ts'

/** What the application proves itself with where it acts on behalf of users: as the Azure SDKs have it. */
export interface ApplicationProof {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly certificatePath: string | undefined
}

/** Finds what is wrong with how clients prove who they are. What is wrong goes to `mistakes`. */
export function judgeAuthentication(found: FoundSettings, mistakes: string[]): void {
  const { auth, entraTenantId, entraAudience, graphIdentity } = found
  const { requiredScopes, requiredRoles, startScopes, startRoles } = found
  if (auth.isBad) return
  if (auth.value === 'none') {
    const asUser = graphIdentity.value === 'user' ? [graphIdentity] : []
    const ofTokens = [entraTenantId, entraAudience, requiredScopes, requiredRoles, startScopes, startRoles]
    for (const { source } of [...ofTokens, ...asUser]) {
      if (source)
        mistakes.push(`${source}: expected --auth entra as well, without which nobody is told apart.`)
    }
    return
  }
  const missing = [
    ...(entraTenantId.value === undefined && !entraTenantId.isBad ? ['ENTRA_TENANT_ID'] : []),
    ...(entraAudience.value.length === 0 && !entraAudience.isBad ? ['ENTRA_AUDIENCE'] : []),
  ]
  if (missing.length > 0) mistakes.push(`${auth.source}: expected ${missing.join(' and ')} as well.`)
  else if (!entraTenantId.isBad && !entraAudience.isBad) judgeEntra(found, mistakes)
}

function judgeEntra({ entraTenantId, entraAudience }: FoundSettings, mistakes: string[]): void {
  try {
    entra({ tenantId: entraTenantId.value ?? '', audience: entraAudience.value })
  } catch (error) {
    mistakes.push(`${entraTenantId.source}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The proof of the application, where it needs one. What is wrong goes to `mistakes`. */
export function findApplicationProof(
  { graphIdentity, simulate }: FoundSettings,
  environment: Environment,
  mistakes: string[],
): ApplicationProof | undefined {
  if (graphIdentity.value !== 'user' || simulate.isBad) return undefined
  const source = sourceOf(graphIdentity)
  if (simulate.value) {
    mistakes.push(`${source}: expected it or ${simulate.source}, got both: what is simulated knows no users.`)
    return undefined
  }
  if (environment['GRAPH_TOKEN']) {
    mistakes.push(`${source}: expected it or GRAPH_TOKEN, got both: that token is of one user.`)
  }
  const clientId = environment['AZURE_CLIENT_ID'] || undefined
  const clientSecret = environment['AZURE_CLIENT_SECRET'] || undefined
  const certificatePath = environment['AZURE_CLIENT_CERTIFICATE_PATH'] || undefined
  if (clientId === undefined || (clientSecret === undefined && certificatePath === undefined)) {
    mistakes.push(
      `${source}: expected AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, as well: ` +
        'to act on behalf of users, the gateway proves who it is.',
    )
    return undefined
  }
  // As the Azure SDKs prefer them.
  return { clientId, clientSecret, certificatePath: clientSecret === undefined ? certificatePath : undefined }
}

function sourceOf({ source }: Found<unknown>): string {
  return source ?? 'GRAPH_IDENTITY'
}
