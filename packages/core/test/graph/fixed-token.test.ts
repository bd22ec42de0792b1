import { describe, expect, it } from 'vitest'
import { fixedToken } from '../../src/graph/fixed-token.ts'

function jwt(payload: unknown): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  return `${encode({ alg: 'none' })}.${encode(payload)}.signature`
}

describe('fixedToken', () => {
  it('gives the token with the expiry that is in it', async () => {
    const token = jwt({ exp: 1_767_225_600, name: 'Zoë' })

    await expect(fixedToken(token).getToken('any')).resolves.toEqual({
      token,
      expiresOnTimestamp: 1_767_225_600_000,
    })
  })

  it.each(['opaque', 'a.b.c', jwt({}), jwt({ exp: 'soon' }), jwt('text')])(
    'takes a token without a readable expiry for good until it is refused: %s',
    async (token) => {
      await expect(fixedToken(token).getToken('any')).resolves.toEqual({
        token,
        expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
      })
    },
  )

  it.each(['', 'Bearer secret', 'secret\n', 'sécret'])('refuses what no header can carry: %j', (token) => {
    expect(() => fixedToken(token)).toThrow(TypeError)
    expect(() => fixedToken(token)).toThrow(/^(?!.*s[eé]cret)/s)
  })
})
