import { decodeBase64 } from './base64.ts'
import type { TokenCredential } from './credential.ts'
import { isJsonObject } from '../operation/json-object.ts'
import { parseJson } from './parse-json.ts'

/**
 * A credential out of one token, such as one pasted from Graph Explorer: good for a quick look, until it
 * expires. `exp` is read from it when it is a JWT; a token without is used until Graph refuses it.
 *
 * @throws TypeError when it could not be sent in a header
 */
export function fixedToken(token: string): TokenCredential {
  // The message must not quote it: it is a secret even when it is spoilt.
  if (typeof token !== 'string' || !isSendableToken(token)) {
    throw new TypeError(
      'Expected a token in printable ASCII without spaces; pass it without "Bearer " and line breaks',
    )
  }
  const expiresOnTimestamp = expiryOf(token) ?? Number.MAX_SAFE_INTEGER
  return { getToken: () => Promise.resolve({ token, expiresOnTimestamp }) }
}

/** A line break would have `fetch` refuse the header with a message that quotes the token. */
export function isSendableToken(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token)
}

function expiryOf(token: string): number | undefined {
  const [, payload] = token.split('.')
  const claims = parseJson(decodeBase64(payload ?? '') ?? '')
  if (!isJsonObject(claims) || typeof claims.exp !== 'number') return undefined
  return claims.exp * 1_000
}
