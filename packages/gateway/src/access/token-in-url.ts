/** In lower case, without what divides words. */
const names: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'assertion',
  'auth',
  'authorization',
  'authtoken',
  'bearer',
  'bearertoken',
  'clientassertion',
  'clientsecret',
  'idtoken',
  'jwt',
  'refreshtoken',
  'subscriptionkey',
  'token',
  'xapikey',
])

/**
 * The beginning of a signed, unsigned or encrypted token: JSON in base64, a dot, and another part. The dots of
 * GraphQL are three.
 */
const jwtShape = /eyJ[\w-]+\.(?:[\w-]+\.|\.[\w-])/

/** Whether a query string holds what could be a token, by its name or by its looks, however deep. */
export function hasTokenInUrl(search: string): boolean {
  for (const [name, value] of new URLSearchParams(search)) {
    if (isTokenName(name) || jwtShape.test(name) || jwtShape.test(value)) return true
    if (name === 'extensions' && hasTokenName(value)) return true
  }
  return false
}

function isTokenName(name: string): boolean {
  return names.has(name.toLowerCase().replaceAll(/[-_.\s]/g, ''))
}

/** Whether anything in a JSON text has such a name. Only in `extensions`: those of variables are up to clients. */
function hasTokenName(json: string): boolean {
  return [...json.matchAll(/"([^"\\]*)"\s*:/g)].some(([, name = '']) => isTokenName(name))
}
