/** What an access token says of itself. Nobody has checked it: for people to read. */
export interface TokenDescription {
  /** Whom it is for. */
  readonly audience: string | undefined
  readonly app: string | undefined
  readonly tenant: string | undefined
  /** The user that it acts for; `undefined` where the app acts by itself. */
  readonly user: string | undefined
  /** What its app may do, as it was granted: roles of the app, or scopes with the user. */
  readonly permissions: readonly string[]
}

/** @returns `undefined` for a token that does not say anything */
export function describeToken(token: string): TokenDescription | undefined {
  const [, payload = ''] = token.split('.')
  let claims: unknown
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    return undefined
  }
  if (typeof claims !== 'object' || claims === null) return undefined
  const {
    aud,
    appid,
    azp,
    tid,
    upn,
    preferred_username: name,
    roles,
    scp,
  } = claims as Record<string, unknown>
  const granted = [...(Array.isArray(roles) ? roles : []), ...(typeof scp === 'string' ? scp.split(' ') : [])]
  return {
    audience: textOf(aud),
    app: textOf(appid) ?? textOf(azp),
    tenant: textOf(tid),
    user: textOf(upn) ?? textOf(name),
    permissions: granted.filter((each): each is string => typeof each === 'string' && each !== ''),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
