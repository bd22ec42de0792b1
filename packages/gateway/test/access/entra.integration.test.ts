import { inspect } from 'node:util'
import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type JWK } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Authenticator } from '../../src/access/authenticator.ts'
import { entra, type EntraOptions } from '../../src/access/entra.ts'
import { audience, createTokenIssuer, tenantId, type Claims, type TokenIssuer } from '../token-issuer.ts'

const otherTenant = 'cccccccc-3333-4333-8333-333333333333'

let clock: VirtualClock
let issuer: TokenIssuer

beforeEach(async () => {
  clock = createVirtualClock()
  issuer = await createTokenIssuer(() => clock.now())
})

afterEach(async () => {
  vi.useRealTimers()
  await issuer[Symbol.asyncDispose]()
})

function authenticator(options: Partial<EntraOptions> = {}): Authenticator {
  return entra({ tenantId, audience, clock, keysUrl: issuer.keysUrl, ...options })
}

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })

describe('a token is taken', () => {
  test('of version 2.0, and tells who sent it, until when, and what they may', async () => {
    const token = await issuer.token({ scp: 'Operations.Write Operations.Read' })
    expect(await authenticator().authenticate(bearer(token))).toEqual({
      id: `${tenantId}/user-1`,
      accessClass: JSON.stringify(['entra', tenantId, ['Operations.Read', 'Operations.Write'], []]),
      expiresAt: clock.now() + 3_600_000,
      issuedAt: clock.now(),
      claims: expect.objectContaining({ oid: 'user-1' }),
    })
  })

  test('of version 1.0', async () => {
    const token = await issuer.token({
      iss: `https://sts.windows.net/${tenantId}/`,
      ver: '1.0',
      azp: undefined,
      appid: 'bbbbbbbb-2222-4222-8222-222222222222',
    })
    expect(await authenticator().authenticate(bearer(token))).toMatchObject({ id: `${tenantId}/user-1` })
  })

  test.each<[EntraOptions['cloud'], string, string]>([
    ['usgov', '2.0', `https://login.microsoftonline.us/${tenantId}/v2.0`],
    ['usgov-dod', '1.0', `https://sts.windows.net/${tenantId}/`],
    ['china', '2.0', `https://login.partner.microsoftonline.cn/${tenantId}/v2.0`],
    ['china', '1.0', `https://sts.chinacloudapi.cn/${tenantId}/`],
  ])('of the cloud %s, version %s', async (cloud, ver, iss) => {
    const token = await issuer.token({ iss, ver })
    await expect(authenticator({ cloud }).authenticate(bearer(token))).resolves.toBeDefined()
    const others = cloud === 'china' ? (['global', 'usgov'] as const) : (['china'] as const)
    for (const other of others) {
      await expect(authenticator({ cloud: other }).authenticate(bearer(token))).rejects.toMatchObject({
        reason: 'invalid',
      })
    }
  })

  test('of an app by itself, that was granted a role', async () => {
    const token = await issuer.token({ scp: undefined, roles: ['Operations.Read.All'], oid: 'app-1' })
    expect(await authenticator().authenticate(bearer(token))).toMatchObject({ id: `${tenantId}/app-1` })
  })

  test('for any of several audiences', async () => {
    const both = authenticator({ audience: ['dddddddd-4444-4444-8444-444444444444', audience] })
    await expect(both.authenticate(bearer(await issuer.token()))).resolves.toBeDefined()
  })

  test('a minute before it is good, for clocks differ, and not two', async () => {
    const now = clock.now() / 1000
    const early = (ahead: number): Promise<string> => issuer.token({ nbf: now + ahead, exp: now + 3_600 })
    await expect(authenticator().authenticate(bearer(await early(59)))).resolves.toBeDefined()
    await expect(authenticator().authenticate(bearer(await early(120)))).rejects.toMatchObject({
      reason: 'invalid',
    })
  })

  test('until the moment it expires, and not a millisecond longer', async () => {
    const credentials = bearer(await issuer.token())
    await clock.advance(3_600_000 - 1)
    await expect(authenticator().authenticate(credentials)).resolves.toBeDefined()
    for (const passed of [1, 3_600_000]) {
      await clock.advance(passed)
      await expect(authenticator().authenticate(credentials)).rejects.toMatchObject({ reason: 'expired' })
    }
  })
})

describe('a token is refused', () => {
  const claims: [string, Claims][] = [
    ['for another audience', { aud: 'https://graph.microsoft.com' }],
    ['for nobody', { aud: undefined }],
    ['of another issuer', { iss: 'https://evil.example/' }],
    ['of another tenant', { iss: `https://login.microsoftonline.com/${otherTenant}/v2.0`, tid: otherTenant }],
    ['that says it is of another tenant', { tid: otherTenant }],
    ['of no tenant', { tid: undefined }],
    ['of version 1.0 with the issuer of 2.0', { ver: '1.0' }],
    ['of no version', { ver: undefined }],
    ['of a version that is a property of every object', { ver: 'toString' }],
    ['of another cloud', { iss: `https://login.microsoftonline.us/${tenantId}/v2.0` }],
    ['that never expires', { exp: undefined }],
    ['that expires at a time that is none', { exp: 'never' }],
    ['that was issued to nobody, as ID tokens are', { azp: undefined, nonce: 'n' }],
    ['of nobody', { sub: undefined }],
  ]

  test.each(claims)('%s', async (_, changed) => {
    const refused = expect(authenticator().authenticate(bearer(await issuer.token(changed)))).rejects
    await refused.toMatchObject({ reason: 'invalid', extensions: { code: 'UNAUTHENTICATED' } })
    await refused.toThrow('The access token is not valid here.')
  })

  test('without a signature', async () => {
    const { iss, ...rest } = payloadOf(await issuer.token())
    const token = new UnsecuredJWT(rest).setIssuer(String(iss)).encode()
    await expect(authenticator().authenticate(bearer(token))).rejects.toMatchObject({ reason: 'invalid' })
  })

  test('signed by somebody else', async () => {
    const [header, payload] = (await issuer.token()).split('.')
    await issuer.rotate(false)
    const [, , signature] = (await issuer.token()).split('.')
    await expect(
      authenticator().authenticate(bearer([header, payload, signature].join('.'))),
    ).rejects.toMatchObject({ reason: 'invalid' })
  })

  test('whose claims were changed', async () => {
    const [header, payload = '', signature] = (await issuer.token()).split('.')
    const changed = Buffer.from(payload, 'base64url').toString().replace('user-1', 'user-2')
    const token = [header, Buffer.from(changed).toString('base64url'), signature].join('.')
    await expect(authenticator().authenticate(bearer(token))).rejects.toMatchObject({
      reason: 'invalid',
      detail: 'signature verification failed',
    })
  })

  test('signed with a public key taken for a secret', async () => {
    const { keys } = (await (await fetch(issuer.keysUrl)).json()) as { keys: [JWK] }
    const spki = await exportSPKI((await importJWK(keys[0], 'RS256', { extractable: true })) as CryptoKey)
    for (const secret of [keys[0].n, spki, JSON.stringify(keys[0])]) {
      const token = await new SignJWT(payloadOf(await issuer.token()))
        .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
        .sign(new TextEncoder().encode(secret))
      await expect(authenticator().authenticate(bearer(token))).rejects.toMatchObject({ reason: 'invalid' })
    }
  })

  test('signed in another way than Entra ID does, before its key is looked for', async () => {
    const { privateKey } = await generateKeyPair('PS256')
    const token = await new SignJWT(payloadOf(await issuer.token()))
      .setProtectedHeader({ alg: 'PS256', kid: 'key-1' })
      .sign(privateKey)
    await expect(authenticator().authenticate(bearer(token))).rejects.toMatchObject({ reason: 'invalid' })
    expect(issuer.fetches).toBe(0)
  })

  test.each(['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b', 'Bearer a, Bearer b', 'token'])(
    'that is none: %j',
    async (authorization) => {
      await expect(authenticator().authenticate({ authorization })).rejects.toMatchObject({
        reason: authorization === '' ? 'missing' : 'invalid',
      })
    },
  )

  test('without saying more of it than which claim is wrong, to the log as well', async () => {
    const token = await issuer.token({ aud: 'api://other', preferred_username: 'ada@contoso.example' })
    const error: unknown = await authenticator()
      .authenticate(bearer(token))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ detail: 'unexpected "aud" claim value' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/ada|api:\/\/other|eyJ/)
  })
})

describe('what a token grants', () => {
  const read = ['Operations.Read']
  const cases: [string, Partial<EntraOptions>, Claims, boolean][] = [
    ['nothing at all', {}, { scp: undefined }, false],
    ['a role that is no text', {}, { scp: undefined, roles: [7] }, false],
    ['the scope that is required', { requiredScopes: read }, {}, true],
    ['another scope', { requiredScopes: read }, { scp: 'Operations.ReadMore' }, false],
    ['a role of the name of the scope', { requiredScopes: read }, { scp: undefined, roles: read }, false],
    ['one of two scopes that are required', { requiredScopes: ['a', 'b'] }, { scp: 'a' }, false],
    ['both of them', { requiredScopes: ['a', 'b'] }, { scp: 'b c a' }, true],
    ['the role that is required', { requiredRoles: ['r'] }, { roles: ['r'] }, true],
    ['no role', { requiredRoles: ['r'] }, {}, false],
    ['the scope where either is enough', { requiredScopes: read, requiredRoles: ['r'] }, {}, true],
    [
      'the role where either is enough',
      { requiredScopes: read, requiredRoles: ['r'] },
      { scp: undefined, roles: ['r'] },
      true,
    ],
    ['neither', { requiredScopes: read, requiredRoles: ['r'] }, { scp: 'x', roles: ['y'] }, false],
    ['nothing required', { requiredScopes: [], requiredRoles: [] }, {}, true],
  ]

  test.each(cases)('%s', async (_, options, claims, isGood) => {
    const attempt = authenticator(options).authenticate(bearer(await issuer.token(claims)))
    if (isGood) await expect(attempt).resolves.toBeDefined()
    else await expect(attempt).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })

  test('is part of what may be shared with others', async () => {
    const classOf = async (claims: Claims): Promise<string> =>
      (await authenticator().authenticate(bearer(await issuer.token(claims)))).accessClass
    expect(await classOf({ oid: 'user-2' })).toBe(await classOf({}))
    expect(await classOf({ scp: 'b a' })).toBe(await classOf({ scp: 'a b' }))
    expect(await classOf({ scp: 'Operations.Write' })).not.toBe(await classOf({}))
    expect(await classOf({ roles: ['r'] })).not.toBe(await classOf({}))
  })
})

describe('the payload of connection_init', () => {
  test.each(['authorization', 'Authorization', 'AUTHORIZATION'])('may hold the token as %s', async (name) => {
    const token = await issuer.token()
    const connectionParams = { headers: {}, [name]: `bearer ${token}` }
    await expect(authenticator().authenticate({ connectionParams })).resolves.toBeDefined()
  })

  test('counts before the header, also when what it holds is not good', async () => {
    const authorization = `Bearer ${await issuer.token()}`
    for (const wrong of ['Bearer x.y.z', 7, { authorization }]) {
      const attempt = authenticator().authenticate({
        authorization,
        connectionParams: { authorization: wrong },
      })
      await expect(attempt).rejects.toMatchObject({ reason: 'invalid' })
    }
    await expect(authenticator().authenticate({ authorization, connectionParams: {} })).resolves.toBeDefined()
  })
})

describe('the signing keys', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: clock.now() })
  })

  async function pass(ms: number): Promise<void> {
    await clock.advance(ms)
    vi.setSystemTime(clock.now())
  }

  test('are fetched once for many tokens, also for those that come at once', async () => {
    const one = authenticator()
    const tokens = await Promise.all(Array.from({ length: 5 }, () => issuer.token()))
    await Promise.all(tokens.map((token) => one.authenticate(bearer(token))))
    expect(issuer.fetches).toBe(1)
  })

  test('may change: a new one is fetched when a token names it, an old one that is gone is no longer good', async () => {
    const one = authenticator()
    const old = await issuer.token()
    await one.authenticate(bearer(old))
    await issuer.rotate(true)
    await pass(31_000)
    await one.authenticate(bearer(await issuer.token()))
    expect(issuer.fetches).toBe(2)
    await expect(one.authenticate(bearer(old))).resolves.toBeDefined()

    await issuer.rotate(false)
    await pass(31_000)
    await one.authenticate(bearer(await issuer.token()))
    await expect(one.authenticate(bearer(old))).rejects.toMatchObject({ reason: 'invalid' })
  })

  test('are not fetched for every token that names one nobody has', async () => {
    const one = authenticator()
    await one.authenticate(bearer(await issuer.token()))
    for (let i = 0; i < 20; i++) {
      const token = await issuer.token({}, { kid: `made-up-${i}` })
      await expect(one.authenticate(bearer(token))).rejects.toMatchObject({ reason: 'invalid' })
    }
    expect(issuer.fetches).toBe(1)
  })

  test('that are known stay good for a day while they can not be fetched anew', async () => {
    const one = authenticator()
    await one.authenticate(bearer(await issuer.token()))
    issuer.isUp = false
    await pass(12 * 3_600_000)
    await expect(one.authenticate(bearer(await issuer.token()))).resolves.toBeDefined()
    await pass(12 * 3_600_000 + 1)
    await expect(one.authenticate(bearer(await issuer.token()))).rejects.toMatchObject({
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    })
    issuer.isUp = true
    await pass(30_000)
    await expect(one.authenticate(bearer(await issuer.token()))).resolves.toBeDefined()
  })

  test('are asked for every 30 seconds while they can not be had, however many tokens come', async () => {
    issuer.isUp = false
    const one = authenticator()
    const come = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await expect(one.authenticate(bearer(await issuer.token()))).rejects.toMatchObject({
          extensions: { code: 'SERVICE_UNAVAILABLE' },
          detail: expect.stringContaining('out of reach'),
        })
      }
    }
    await come()
    expect(issuer.fetches).toBe(1)
    await pass(29_000)
    await come()
    expect(issuer.fetches).toBe(1)
    await pass(1_000)
    await come()
    expect(issuer.fetches).toBe(2)
    issuer.isUp = true
    await pass(30_000)
    await expect(one.authenticate(bearer(await issuer.token()))).resolves.toBeDefined()
  })

  test('that are known are good meanwhile, and not fetched for each token either', async () => {
    const one = authenticator()
    await one.authenticate(bearer(await issuer.token()))
    issuer.isUp = false
    await pass(3_600_000)
    for (let i = 0; i < 5; i++) await one.authenticate(bearer(await issuer.token()))
    expect(issuer.fetches).toBe(2)
  })

  test('that can not be fetched say nothing of a token, which may be a good one', async () => {
    const one = authenticator()
    await one.authenticate(bearer(await issuer.token()))
    await issuer.rotate(true)
    issuer.isUp = false
    await pass(31_000)
    const refused = expect(one.authenticate(bearer(await issuer.token()))).rejects
    await refused.toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE' } })
    await refused.toThrow('Access tokens can not be checked at the moment.')
  })
})

describe('the options', () => {
  test.each<[Partial<EntraOptions>, string]>([
    [{ tenantId: 'contoso.onmicrosoft.com' }, 'Expected `tenantId` to be the id of a directory'],
    [{ tenantId: 'common' }, 'Expected `tenantId` to be the id of a directory'],
    [{ audience: '' }, 'Expected `audience`'],
    [{ audience: [] }, 'Expected `audience`'],
    [{ keysUrl: new URL('http://keys.example/') }, 'Expected `keysUrl` to be https'],
  ])('%j is refused', (options, message) => {
    expect(() => authenticator(options)).toThrow(message)
  })

  test('take the id of the tenant in any case', async () => {
    const upper = authenticator({ tenantId: tenantId.toUpperCase() })
    await expect(upper.authenticate(bearer(await issuer.token()))).resolves.toBeDefined()
  })
})

function payloadOf(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}
