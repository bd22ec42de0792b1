import { systemClock, type AccessToken } from '@teams-operations/core'
import type { Configuration } from '../configuration.ts'
import { credentialFor } from '../credential.ts'
import type { Finding } from './finding.ts'
import { describeToken, type TokenDescription } from './token-description.ts'
import { withinTime } from './within-time.ts'

/** Whether there is a token for Graph, and what it is good for. */
export async function checkCredential(
  configuration: Configuration,
  origin: string,
): Promise<{ readonly finding: Finding; readonly token?: AccessToken }> {
  const what = `A token for ${origin}`
  const from = sourceOf(configuration)
  try {
    const credential = await credentialFor(configuration)
    const token = await withinTime((abortSignal) =>
      credential.getToken(`${origin}/.default`, { abortSignal }),
    )
    if (!token) throw new Error('The credential gave none')
    const description = describeToken(token.token)
    const isForIt = isForGraph(description, origin)
    const lines = [
      `From ${from}.`,
      ...(description ? describe(description) : []),
      ...(isForIt ? [] : [`It is for ${description?.audience}, not for ${origin}: Graph will refuse it.`]),
    ]
    if (token.expiresOnTimestamp <= systemClock.now()) {
      return { finding: { what, isGood: false, lines: [...lines, 'It has expired: take a new one.'] } }
    }
    return { finding: { what, isGood: isForIt, lines }, token }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const advice = configuration.applicationProof ? proofAdvice : credentialAdvice
    const lines = [`${from} gives none:`, ...message.trim().split('\n'), ...advice]
    return { finding: { what, isGood: false, lines } }
  }
}

function sourceOf({ graphToken, applicationProof }: Configuration): string {
  if (graphToken !== undefined) return 'GRAPH_TOKEN'
  return applicationProof ? `the app ${applicationProof.clientId}` : 'DefaultAzureCredential'
}

const credentialAdvice = [
  'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH) of an app',
  'registration, run where there is a managed or workload identity, or sign in with az login.',
]

const proofAdvice = [
  'Is the secret or the certificate that of the app, and not expired, and the app one of the tenant?',
]

/** The id of Microsoft Graph itself, which tokens may name in place of its origin. */
const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000'

function isForGraph(description: TokenDescription | undefined, origin: string): boolean {
  const audience = description?.audience
  return audience === undefined || audience === GRAPH_APP_ID || audience.startsWith(origin)
}

function describe(description: TokenDescription): readonly string[] {
  const { permissions } = description
  return [
    whose(description),
    permissions.length > 0
      ? `Granted: ${permissions.toSorted().join(', ')}.`
      : 'Granted: nothing. Give the app permissions of Microsoft Graph, with the consent of an administrator.',
  ]
}

function whose({ app, tenant, user }: TokenDescription): string {
  const actsFor = user === undefined ? '' : `, for ${user}`
  return `Of the app ${app ?? 'unknown'} in the tenant ${tenant ?? 'unknown'}${actsFor}.`
}
