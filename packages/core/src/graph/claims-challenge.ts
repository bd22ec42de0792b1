import { decodeBase64 } from './base64.ts'
import { isJsonObject } from '../operation/json-object.ts'
import { parseJson } from './parse-json.ts'

/** Real challenges have a few hundred characters. */
const MAX_HEADER_LENGTH = 8_192

/** `name="quoted, with \" in it"` or `name=token`. Whole quoted strings, so that nothing inside one is taken for a name. */
const parameters = /([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g

/**
 * The claims that a 401 challenges for: with continuous access evaluation a token is refused before it
 * expires, and the next one has to be asked for with what the challenge says.
 *
 * @param header the `WWW-Authenticate`:
 * `Bearer realm="", authorization_uri="…", error="insufficient_claims", claims="{base64}"`
 * @returns the claims as JSON text, or `undefined` when there are none that can be read
 * @see https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation
 */
export function parseClaimsChallenge(header: string | null | undefined): string | undefined {
  if (!header || header.length > MAX_HEADER_LENGTH) return undefined
  for (const [, name, quoted, token] of header.matchAll(parameters)) {
    if (name?.toLowerCase() !== 'claims') continue
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''
    const claims = value.trimStart().startsWith('{') ? value : decodeBase64(value)
    if (claims !== undefined && isJsonObject(parseJson(claims))) return claims
  }
  return undefined
}
