import { describe, expect, it } from 'vitest'
import { parseClaimsChallenge } from '../../src/graph/claims-challenge.ts'

const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"name":{"value":"ü>?"}}}'
const BASE64 = Buffer.from(CLAIMS).toString('base64')
const BASE64URL = Buffer.from(CLAIMS).toString('base64url')

describe('parseClaimsChallenge', () => {
  it.each([
    [
      'as documented',
      `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${BASE64}"`,
    ],
    ['in base64url', `Bearer claims="${BASE64URL}"`],
    ['without quotes', `Bearer error=insufficient_claims, claims=${BASE64}`],
    ['without quotes and padding', `Bearer claims=${BASE64URL}, error="insufficient_claims"`],
    ['in another case and with spaces', `bearer Claims = "${BASE64}"`],
    ['in the second of two challenges', `Basic realm="x", Bearer claims="${BASE64}"`],
    [
      'after a quoted text that looks like one',
      `Bearer error_description="a, claims=\\"abc\\"", claims="${BASE64}"`,
    ],
    ['not encoded at all', `Bearer claims="${CLAIMS.replaceAll('"', '\\"')}"`],
  ])('reads claims %s', (_, header) => {
    expect(parseClaimsChallenge(header)).toBe(CLAIMS)
  })

  it.each([
    undefined,
    null,
    '',
    'Bearer realm=""',
    'Bearer error="insufficient_claims"',
    'Bearer claims=""',
    'Bearer claims="***"',
    `Bearer claims="${Buffer.from('not json').toString('base64')}"`,
    `Bearer claims="${Buffer.from('"text"').toString('base64')}"`,
    `Bearer claims="${Buffer.from('[1]').toString('base64')}"`,
    `Bearer claims="${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64')}"`,
    `Bearer xclaims="${BASE64}"`,
    `Bearer realm="claims=${BASE64}"`,
    `Bearer claims="${BASE64}`,
  ])('finds none in %s', (header) => {
    expect(parseClaimsChallenge(header)).toBeUndefined()
  })

  it('does not look into a header of unreasonable length', () => {
    expect(parseClaimsChallenge(`Bearer claims="${BASE64}", x="${'y'.repeat(10_000)}"`)).toBeUndefined()
  })

  it('is quick with a header made to be slow', () => {
    const startedAt = performance.now()

    expect(parseClaimsChallenge('a="'.repeat(2_700))).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
