/**
 * What lets web pages of other origins ask, as Graph does. It takes no cookies, only tokens that a page has
 * of its own.
 */
export const crossOriginHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Location, Content-Location, Retry-After, Preference-Applied, request-id, client-request-id',
}

/** The answer to the question that a browser asks first. */
export function preflightHeaders(requestedHeaders: string | undefined): Readonly<Record<string, string>> {
  return {
    ...crossOriginHeaders,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': requestedHeaders ?? '*',
    'access-control-max-age': '7200',
  }
}
