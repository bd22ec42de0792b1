import type { GraphVersion } from '../operation/operation-ref.ts'
import { getResource } from './get-resource.ts'
import type { GraphSender } from './graph-sender.ts'
import { resolveLink } from './graph-url.ts'
import { isPassing, isThrottled, refusalError } from './refusal.ts'
import type { TargetReading } from './target-reading.ts'

/**
 * Reads what an operation created or changed, to see whether it is there yet: "succeeded" may come before
 * that. Its location is requested as it is, and not taken apart.
 *
 * @throws InvalidLocationError when it leads to another origin; nothing is sent then
 * @throws AuthenticationError, AccessDeniedError, GraphRequestError when waiting would not help
 * @throws the reason of `signal` when that aborts
 */
export async function readTarget(
  sender: GraphSender,
  targetResourceLocation: string,
  version: GraphVersion,
  signal: AbortSignal,
): Promise<TargetReading> {
  const url = resolveLink(targetResourceLocation, sender.origin, { base: `${sender.origin}/${version}` })
  const got = await getResource(sender, url, signal)
  if (got.kind === 'found') return { usable: true }
  // An outage on the way, of the identity provider as well, says nothing about the target.
  if (got.kind === 'missing') return { usable: false }
  if (got.status === 404 || isPassing(got)) {
    return { usable: false, throttled: isThrottled(got), retryAfterMs: got.retryAfterMs }
  }
  throw refusalError(got, `for ${targetResourceLocation}`)
}
