import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasTokenInUrl } from '../../src/access/token-in-url.ts'

const base64url = (minLength: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${minLength},40}$`))
const header = base64url(4).map((rest) => `eyJ${rest}`)
/** Three parts when it is signed, the last of them empty when it is not; five, of which some are empty, when encrypted. */
const jwt = fc.oneof(
  fc.tuple(header, base64url(4), base64url(0)).map((parts) => parts.join('.')),
  fc.tuple(header, base64url(0), base64url(4), base64url(4), base64url(4)).map((parts) => parts.join('.')),
)

function search(parameters: Readonly<Record<string, string>>): string {
  return `?${String(new URLSearchParams(parameters))}`
}

const places: Record<string, (token: string) => string> = {
  'a parameter': (token) => search({ x: token }),
  'a parameter, with its scheme': (token) => search({ x: `Bearer ${token}` }),
  'the name of a parameter': (token) => search({ [token]: '' }),
  variables: (token) => search({ query: '{ a }', variables: JSON.stringify({ a: [{ b: token }] }) }),
  extensions: (token) => search({ extensions: JSON.stringify({ headers: { authorization: token } }) }),
  'the document': (token) => search({ query: `{ a(b: "${token}") }` }),
}

test.each(Object.entries(places))('a token is found in %s', (_, put) => {
  fc.assert(fc.property(jwt, (token) => hasTokenInUrl(put(token))))
})

describe('a token that looks like nothing', () => {
  test.each([
    ...['access_token', 'accessToken', 'Access-Token', 'authToken', 'auth_token', 'bearer_token', 'id_token'],
    ...['refresh_token', 'token', 'jwt', 'authorization', 'Bearer', 'api_key', 'apiKey', 'X-API-Key'],
    ...['assertion', 'client_assertion', 'client_secret', 'subscription-key'],
  ])('is found by the name %s', (name) => {
    expect(hasTokenInUrl(search({ query: '{ a }', [name]: 'opaque' }))).toBe(true)
  })

  test.each(['authorization', 'X-Api-Key', 'access_token'])('also in extensions: %s', (name) => {
    const extensions = JSON.stringify({ headers: [{ [name]: 'opaque' }] })
    expect(hasTokenInUrl(search({ extensions }))).toBe(true)
  })
})

describe('what clients send is no token', () => {
  const name = fc.stringMatching(/^[_A-Za-z]\w{0,20}$/)
  /** Among them such that begin as tokens do: any JSON in base64, such as a cursor. */
  const text = fc.oneof(name, header, base64url(1))
  const selection = fc.oneof(
    name,
    fc.constant('eyJhbGciOi'),
    name.map((fragment) => `...${fragment}`),
    fc.tuple(name, text).map(([field, value]) => `${field}(after: "${value}=="){id}`),
  )

  test('not a document, its variables or the name of its operation', () => {
    const request = fc.record({ selections: fc.array(selection, { minLength: 1 }), name, text })
    fc.assert(
      fc.property(
        request,
        fc.constantFrom('', ' ', '\n'),
        ({ selections, name: operationName, text: value }, space) => {
          const query = `query ${operationName}{${selections.join(space || ' ')}}`
          const variables = JSON.stringify({ token: 1, [operationName]: value })
          expect(hasTokenInUrl(search({ query, variables, operationName }))).toBe(false)
        },
      ),
    )
  })

  test('fragments are spread without a space in between', () => {
    expect(hasTokenInUrl(search({ query: '{eyJhbGciOi...F eyJ0eXA...{eyJ}}' }))).toBe(false)
  })

  test('not the id of a persisted document', () => {
    const hash = fc.stringMatching(/^[0-9a-f]{64}$/)
    const id = fc.oneof(
      hash,
      hash.map((hex) => `sha256:${hex}`),
      text,
    )
    fc.assert(
      fc.property(id, (documentId) => {
        const extensions = JSON.stringify({
          persistedQuery: { version: 1, sha256Hash: documentId },
          operationId: '1',
        })
        expect(hasTokenInUrl(search({ documentId, extensions, operationId: '1' }))).toBe(false)
      }),
    )
  })
})
