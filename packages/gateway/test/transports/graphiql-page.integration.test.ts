import { afterAll, beforeAll, expect, test } from 'vitest'
import { scriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const asPage = { headers: { Accept: 'text/html,application/xhtml+xml' } }

let served: ServedGateway

beforeAll(async () => {
  served = await serveGateway({
    operations: scriptedOperations().client,
    graphiql: { query: () => '# </script><script>alert(1)</script>' },
  })
})

afterAll(async () => {
  await served[Symbol.asyncDispose]()
})

test('the page loads nothing but what the gateway serves', async () => {
  const html = await (await fetch(served.url, asPage)).text()
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url)
  expect(loaded).toHaveLength(3)
  for (const url of loaded) {
    const response = await fetch(new URL(url, served.origin))
    expect(response.status).toBe(200)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await response.text()).length).toBeGreaterThan(100)
  }
})

test('the files name no place on the network from which to load more', async () => {
  for (const name of [
    'graphiql.js',
    'graphiql.css',
    'editor.worker.js',
    'json.worker.js',
    'graphql.worker.js',
  ]) {
    const text = await (await fetch(`${served.url}/graphiql/${name}`)).text()
    expect(text).not.toMatch(
      /unpkg\.com|jsdelivr\.net|cdnjs|esm\.sh|googleapis\.com|@import|url\(["']?(?:https?:)?\/\//,
    )
  }
})

test('the policy of the page lets nothing in from elsewhere, and no script but from files', async () => {
  const { headers } = await fetch(served.url, asPage)
  const policy = headers.get('content-security-policy') ?? ''
  const { host } = new URL(served.origin)
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host};`)
  expect(policy).toContain("frame-ancestors 'none'")
})

test('the query in the page can not end the element that it is in', async () => {
  const html = await (await fetch(served.url, asPage)).text()
  expect(html).not.toContain('<script>alert')
  const [, json = ''] = /id="options">(.+?)<\/script>/s.exec(html) ?? []
  expect(JSON.parse(json)).toMatchObject({
    query: '# </script><script>alert(1)</script>',
    subscriptionsProtocol: 'WS',
    shouldPersistHeaders: false,
  })
})

test('the root leads there', async () => {
  const response = await fetch(served.origin, { ...asPage, redirect: 'manual' })
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toBe('/graphql')
})

test('there is no page where it is switched off', async () => {
  const bare = await serveGateway({ operations: scriptedOperations().client, graphiql: false })
  expect(await (await fetch(bare.url, asPage)).text()).not.toContain('<html')
  expect((await fetch(`${bare.url}/graphiql/graphiql.js`)).status).toBe(404)
  await bare[Symbol.asyncDispose]()
})
