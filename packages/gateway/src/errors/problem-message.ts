import type { PollingProblem, PollingProblemCode } from '@teams-operations/core'

/**
 * What a client is told of why a check gave no state. What credentials and networks say of themselves (names of
 * apps, files and proxies) is for the log.
 */
export function problemMessage({ code, message }: Pick<PollingProblem, 'code' | 'message'>): string {
  return fixed[code] ?? message
}

const fixed: Readonly<Partial<Record<PollingProblemCode, string>>> = {
  'no-token': 'The gateway has no access token for Microsoft Graph.',
  'no-connection': 'The request did not get through to Microsoft Graph.',
  'no-answer': 'Microsoft Graph did not answer in time.',
}
