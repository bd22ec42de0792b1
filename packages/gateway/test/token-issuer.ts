import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose'

export const tenantId = 'aaaaaaaa-1111-4111-8111-111111111111'
export const audience = 'api://teams-operations'

export type Claims = Readonly<Record<string, unknown>>

/** Signs tokens as Microsoft Entra ID does, and serves the keys to check them with. */
export interface TokenIssuer extends AsyncDisposable {
  /** Where the keys are. */
  readonly keysUrl: URL
  /** How often the keys have been asked for. */
  readonly fetches: number
  /** Whether the keys can be had; otherwise asking for them gives an error. */
  isUp: boolean
  /** A token for a user, good from now on for an hour; `undefined` takes a claim away. */
  token(claims?: Claims, header?: { readonly kid?: string; readonly alg?: string }): Promise<string>
  /** Signs with a new key from now on, and serves it; the one before only if it is to be kept. */
  rotate(keep: boolean): Promise<void>
}

export async function createTokenIssuer(now: () => number = Date.now): Promise<TokenIssuer> {
  let keys: JWK[] = []
  let current: { kid: string; privateKey: CryptoKey } | undefined
  let fetches = 0
  let count = 0

  async function rotate(keep: boolean): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const kid = `key-${++count}`
    keys = [...(keep ? keys : []), { ...(await exportJWK(publicKey)), kid, use: 'sig' }]
    current = { kid, privateKey }
  }

  await rotate(false)
  const server = createServer((_, response) => {
    fetches += 1
    response.writeHead(issuer.isUp ? 200 : 503, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(issuer.isUp ? { keys } : {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const issuer: TokenIssuer = {
    isUp: true,
    keysUrl: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`),
    get fetches() {
      return fetches
    },
    rotate,
    async token(claims = {}, header = {}) {
      if (!current) throw new Error('Expected a key')
      const issuedAt = Math.floor(now() / 1000)
      const payload: JWTPayload = {
        iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        aud: audience,
        ver: '2.0',
        tid: tenantId,
        azp: 'bbbbbbbb-2222-4222-8222-222222222222',
        oid: 'user-1',
        sub: 'subject-1',
        scp: 'Operations.Read',
        iat: issuedAt,
        nbf: issuedAt,
        exp: issuedAt + 3_600,
        ...claims,
      }
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: current.kid, ...header })
        .sign(current.privateKey)
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return issuer
}
