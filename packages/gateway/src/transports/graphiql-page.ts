import { icon, loadAssets, type Asset } from './graphiql-assets.ts'
import type { Page } from './front-door.ts'

export interface GraphiQLOptions {
  /** What the editor holds when the page is opened. Asked for each time; `undefined` for what it held last. */
  readonly query?: (() => string | undefined) | undefined
}

export interface GraphiQLPageOptions extends GraphiQLOptions {
  /** Whether it is of any use only with a token: where that goes is shown then. */
  readonly asksForToken: boolean
}

/**
 * GraphiQL at the path of GraphQL itself, for browsers that open it as a page. All it loads comes from
 * here, and its policy lets nothing else in. Subscriptions go over WebSocket.
 */
export function graphiqlPage(path: string, { query, asksForToken }: GraphiQLPageOptions): Page {
  const assetPath = `${path}/graphiql/`
  let assets: Promise<ReadonlyMap<string, Asset>> | undefined

  return async ({ method, headers }, url) => {
    if (method !== 'GET') return undefined
    if (url.pathname.startsWith(assetPath)) {
      assets ??= loadAssets()
      return assetResponse((await assets).get(url.pathname.slice(assetPath.length)))
    }
    if (!headers.get('accept')?.includes('text/html')) return undefined
    if (url.pathname === '/') return new Response(null, { status: 302, headers: { Location: path } })
    if (url.pathname !== path) return undefined
    return new Response(html(assetPath, pageOptions(path, query?.(), asksForToken)), {
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-store',
        'Content-Security-Policy': contentSecurityPolicy(headers.get('host') ?? url.host),
      },
    })
  }
}

/** For the component of Yoga: what it hands to GraphiQL, and how it reaches the gateway. */
function pageOptions(path: string, query: string | undefined, asksForToken: boolean): object {
  return {
    title: 'teams-operations',
    logo: icon,
    endpoint: path,
    subscriptionsProtocol: 'WS',
    // Headers may hold a token, and the storage of the browser is no place for one.
    shouldPersistHeaders: false,
    headers: asksForToken ? JSON.stringify({ Authorization: 'Bearer ' }, null, 2) : undefined,
    defaultEditorToolsVisibility: asksForToken ? 'headers' : true,
    query,
  }
}

function assetResponse(asset: Asset | undefined): Response {
  if (!asset) return new Response('There is no such file.\n', { status: 404 })
  return new Response(asset.content, {
    // The name says nothing of the version: the browser keeps it for as long as somebody plays around.
    headers: { 'Content-Type': asset.type, 'Cache-Control': 'private, max-age=3600' },
  })
}

/** The host has been admitted. Some browsers do not take 'self' to mean the WebSocket of the same host. */
function contentSecurityPolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    // The editor computes styles.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function html(assetPath: string, options: object): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>teams-operations</title>
    <link rel="icon" href="${assetPath}icon.svg">
    <link rel="stylesheet" href="${assetPath}graphiql.css">
    <style>#root { height: 100vh }</style>
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script type="application/json" id="options">${JSON.stringify(options).replaceAll('<', '\\u003c')}</script>
    <script src="${assetPath}graphiql.js"></script>
  </body>
</html>
`
}
