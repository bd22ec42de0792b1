const names: ReadonlySet<string> = new Set([
  'access_token',
  'accesstoken',
  'auth',
  'authorization',
  'bearer',
  'id_token',
  'jwt',
  'token',
])

/** Whether a query string holds what could be a token, by its name or by its looks. */
export function hasTokenInUrl(search: string): boolean {
  for (const [name, value] of new URLSearchParams(search)) {
    if (names.has(name.toLowerCase()) || /^(?:bearer\s+)?eyJ[\w-]+\.[\w-]+\.[\w-]*$/i.test(value)) return true
  }
  return false
}
