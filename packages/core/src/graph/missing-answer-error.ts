import type { MissingAnswer } from './answer.ts'
import { AuthenticationError } from './authentication-error.ts'
import { ConnectionError } from './connection-error.ts'

/**
 * The error that no answer is for whoever asked for this one request.
 *
 * @param doing what was asked for, such as `to archive team {id}`
 * @param advice what to know when the request may have been received; a sentence
 */
export function missingAnswerError(
  { reason, error: cause }: MissingAnswer,
  doing: string,
  advice: string,
): AuthenticationError | ConnectionError {
  const said = cause instanceof Error ? cause.message : String(cause)
  return reason === 'no-token'
    ? new AuthenticationError(`Asked ${doing}, but there was no token, so nothing was sent: ${said}`, {
        cause,
      })
    : new ConnectionError(`Asked ${doing}, and no answer came: ${said}. ${advice}`, { cause })
}
