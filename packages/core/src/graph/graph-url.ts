import { InvalidLocationError } from '../operation/invalid-location-error.ts'
import { shortened } from '../operation/shortened.ts'

/** Without it Graph hides every member of an enumeration that is newer than its `unknownFutureValue`. */
export const GET_HEADERS: Readonly<Record<string, string>> = { Prefer: 'include-unknown-enum-members' }

/** A canonical path with the ids in it encoded: those of chats contain `:` and `@`. */
export function encodePath(path: string): string {
  return path.replace(/[:@]/g, encodeURIComponent)
}

export interface LinkOptions {
  /** What a path is completed with; `undefined` when the link has to be absolute. */
  readonly base?: string | undefined
  /** Of the answer that the link came in. */
  readonly requestId?: string | undefined
}

/**
 * The URL behind a link that Graph sent. It is opaque: only where it leads to is looked at, for the token
 * goes there.
 *
 * @throws InvalidLocationError when it leads to another origin
 */
export function resolveLink(link: string, origin: string, { base, requestId }: LinkOptions = {}): string {
  const refuse = (why: string): never => {
    throw new InvalidLocationError(
      `Expected a link within ${origin}, got ${shortened(link)}: ${why}. Nothing was sent to it.`,
      { requestId },
    )
  }
  // What a URL parser takes for the start of a host, with and without a scheme.
  if (/^[/\\]{2}/.test(link)) return refuse('it names a host without a scheme')
  const text = base !== undefined && link.startsWith('/') ? base + link : link
  if (!URL.canParse(text)) return refuse('it is not a URL')
  const url = new URL(text)
  if (url.origin !== origin) return refuse('it leads to another origin')
  if (url.username !== '' || url.password !== '') return refuse('it contains a user name or password')
  return url.href
}
