import { systemClock, type Clock, type GraphCloud } from '@teams-operations/core'
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { ForbiddenError } from '../errors/forbidden-error.ts'
import { UnauthenticatedError } from '../errors/unauthenticated-error.ts'
import { UnavailableError } from '../errors/unavailable-error.ts'
import type { Principal } from '../resolvers/principal.ts'
import type { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'
import { entraIssuers, entraKeysUrl } from './entra-cloud.ts'
import { grantsIn, includesGrants, type Grants } from './grants.ts'
import { isLoopbackName } from './loopback.ts'
import { signingKeys } from './signing-keys.ts'

export interface EntraOptions {
  /** The tenant whose users and apps may come: the id of its directory. */
  readonly tenantId: string
  /**
   * Whom the tokens have to be for: the application id of the gateway, its application id URI such as
   * `api://teams-operations`, or both.
   */
  readonly audience: string | readonly string[]
  /** A token is good that has all of these in `scp`: users who let an app act for them. @default any */
  readonly requiredScopes?: readonly string[] | undefined
  /**
   * A token is good that has all of these in `roles`: apps by themselves, and users who were assigned them.
   * With scopes required as well, either is enough.
   *
   * @default any
   */
  readonly requiredRoles?: readonly string[] | undefined
  /** @default 'global' */
  readonly cloud?: GraphCloud | undefined
  /** Where the signing keys are. For tests; https, or a port of this machine. @default those of the tenant */
  readonly keysUrl?: URL | undefined
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
}

/** How far the clock of Entra ID may be ahead, in seconds. */
const CLOCK_TOLERANCE_S = 60

/**
 * Takes access tokens that Microsoft Entra ID has issued for the gateway, of version 1.0 or 2.0. Tokens for
 * others (Microsoft Graph among them), of other tenants, and ID tokens are refused, and so is an app that
 * nobody has granted anything: Entra ID gives such a token to every app that asks for one.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/claims-validation
 * @throws TypeError when an option is not as expected
 */
export function entra(options: EntraOptions): Authenticator {
  const { cloud = 'global', clock = systemClock } = options
  const tenantId = parseTenantId(options.tenantId)
  const audience = [options.audience].flat()
  if (audience.length === 0 || audience.includes('')) {
    throw new TypeError('Expected `audience` to name who the tokens are for, got nothing.')
  }
  const issuers = entraIssuers(cloud, tenantId)
  const keys = signingKeys(parseKeysUrl(options.keysUrl ?? entraKeysUrl(cloud, tenantId)), clock)

  return {
    async authenticate(credentials) {
      const token = bearerToken(credentials)
      const claims = await verify(token, keys, {
        algorithms: ['RS256'],
        issuer: Object.values(issuers),
        audience,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub'],
      })
      checkClaims(claims, tenantId, issuers)
      const { exp = 0, iat } = claims
      const expiresAt = exp * 1000
      // The tolerance is for a token that seems too young. One that is too old ends whatever depends on it.
      if (expiresAt <= clock.now()) throw new UnauthenticatedError('expired', 'The token has expired')
      const grants = grantsIn(claims)
      checkGrants(grants, options)
      return {
        id: `${tenantId}/${textOf(claims['oid']) ?? claims.sub ?? ''}`,
        accessClass: JSON.stringify(['entra', tenantId, grants.scopes.toSorted(), grants.roles.toSorted()]),
        expiresAt,
        issuedAt: iat === undefined ? undefined : iat * 1000,
        claims,
      } satisfies Principal
    },
  }
}

/** Nothing of jose's errors gets out but their message and which claim it is about: they hold the claims. */
async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  options: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, options)
    return payload
  } catch (error) {
    if (error instanceof UnavailableError) throw error
    if (error instanceof errors.JWTExpired) throw new UnauthenticatedError('expired', 'The token has expired')
    throw new UnauthenticatedError('invalid', error instanceof Error ? error.message : 'Unknown')
  }
}

function checkClaims(claims: JWTPayload, tenantId: string, issuers: Readonly<Record<string, string>>): void {
  const { iss, ver, tid, azp, appid } = claims
  if (textOf(tid)?.toLowerCase() !== tenantId) throw invalid('tid')
  if (typeof ver !== 'string' || issuers[ver] !== iss) throw invalid('ver')
  // Who it was issued to. An ID token, which is for the client itself to read, does not say.
  if (textOf(azp) === undefined && textOf(appid) === undefined) throw invalid('azp')
}

function invalid(claim: string): UnauthenticatedError {
  return new UnauthenticatedError('invalid', `unexpected "${claim}" claim value`)
}

function checkGrants(granted: Grants, { requiredScopes = [], requiredRoles = [] }: EntraOptions): void {
  const required = [...requiredScopes, ...requiredRoles]
  const all = [...granted.scopes, ...granted.roles]
  const isEnough =
    required.length === 0
      ? all.length > 0
      : includesGrants(granted, { scopes: requiredScopes, roles: requiredRoles })
  if (isEnough) return
  throw new ForbiddenError(
    'The access token does not grant the use of the gateway.',
    `Expected ${required.join(', ') || 'a scope or a role'}, got ${all.join(', ') || 'none'}`,
  )
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined
}

function parseTenantId(tenantId: string): string {
  const id = tenantId.toLowerCase()
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id
  throw new TypeError(`Expected \`tenantId\` to be the id of a directory, a GUID, got "${tenantId}".`)
}

function parseKeysUrl(url: URL): URL {
  const isLocal = url.protocol === 'http:' && isLoopbackName(url.hostname)
  if (url.protocol === 'https:' || isLocal) return url
  throw new TypeError(`Expected \`keysUrl\` to be https, or of this machine, got ${url.href}.`)
}
