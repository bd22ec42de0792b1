import { resolveGraphOrigin } from '@teams-operations/core'
import type { Configuration } from '../configuration.ts'
import { checkCredential } from './check-credential.ts'
import { checkGraph } from './check-graph.ts'
import { checkSigningKeys } from './check-signing-keys.ts'
import type { Finding } from './finding.ts'

export interface CheckResult {
  /** What was found, for people. Not without what an error said, so to be kept free of secrets. */
  readonly text: string
  readonly isGood: boolean
}

/** Tries what the gateway needs to serve, and says what is missing. Changes nothing, and reads nothing of anybody. */
export async function check(configuration: Configuration): Promise<CheckResult> {
  if (configuration.simulate) {
    return { isGood: true, text: 'A simulated Microsoft Graph needs no credential, and is always there.' }
  }
  const origin = resolveGraphOrigin(configuration)
  const { finding, token } = await checkCredential(configuration, origin)
  const findings = [
    finding,
    ...(token ? [await checkGraph(token, configuration, origin)] : []),
    ...(configuration.auth === 'entra' ? [await checkSigningKeys(configuration)] : []),
  ]
  const isGood = findings.every((each) => each.isGood)
  const conclusion = isGood ? 'Ready to serve.' : 'Not ready to serve.'
  return { isGood, text: `${findings.map(textOf).join('\n')}\n\n${conclusion}` }
}

function textOf({ what, isGood, lines }: Finding): string {
  return `${isGood ? 'ok     ' : 'missing'}  ${what}\n${lines.map((line) => `           ${line}`).join('\n')}`
}
