import type { GraphResponse } from '@teams-operations/core'

/**
 * Whether it was Graph that answered, whatever it said: all of its answers have a `request-id`, and its refusals an
 * error with a code. A proxy, a captive portal or another program at that address has neither.
 */
export function isAnswerOfGraph({ status, headers, body }: GraphResponse): boolean {
  if (!headers.get('request-id')) return false
  return status < 400 || hasErrorCode(body)
}

function hasErrorCode(body: string): boolean {
  let content: unknown
  try {
    content = JSON.parse(body)
  } catch {
    return false
  }
  const error = (content as { readonly error?: { readonly code?: unknown } | null } | null)?.error
  return typeof error?.code === 'string' && error.code !== ''
}
