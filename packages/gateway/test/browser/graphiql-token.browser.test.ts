import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { UnauthenticatedError } from '../../src/errors/unauthenticated-error.ts'
import { listen } from '../../src/server/listen.ts'
import { bearerToken } from '../../src/access/bearer-token.ts'
import { createGateway } from '../../src/gateway.ts'
import { locationOf, scriptedOperations } from '../scripted-operations.ts'
import { launchBrowser } from './launch-browser.ts'

const screenshots = path.resolve(import.meta.dirname, '../../../../node_modules/.cache/screenshots')

let browser: Browser

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
})

test('GraphiQL shows where a token goes, and sends it over HTTP and WebSocket', async () => {
  const operations = scriptedOperations()
  operations.find(locationOf(1))
  const admitted: string[] = []
  const gateway = createGateway({
    operations: operations.client,
    graphiql: {
      query: () => `subscription { teamsAsyncOperation(ref: { location: "${locationOf(1)}" }) { status } }`,
    },
    auth: {
      authenticator: {
        async authenticate(credentials) {
          const token = bearerToken(credentials)
          if (token !== 'ada') throw new UnauthenticatedError('invalid', 'It is not that of Ada')
          admitted.push(credentials.connectionParams ? 'WebSocket' : 'HTTP')
          return { id: token, accessClass: 'everybody' }
        },
      },
    },
  })
  const server = await listen(gateway, { host: '127.0.0.1', port: 0 })
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const response = async (): Promise<string> =>
    (await page.locator('.graphiql-response').innerText()).replaceAll('\u00a0', ' ')

  await page.goto(`${server.origin}/graphql`)
  const headers = page.locator('.graphiql-editor-tool .view-lines').last()
  await vi.waitFor(async () => expect(await headers.innerText()).toContain('Bearer'))
  // Without a token it learns nothing, not even the schema.
  await vi.waitFor(async () => expect(await response()).toContain('access token'))
  await page.locator('.graphiql-execute-button').click()
  await vi.waitFor(async () => expect(await response()).toContain('4401'))
  await page.screenshot({ path: path.join(screenshots, 'graphiql-without-token.png') })

  await headers.click()
  await page.keyboard.press('Control+A')
  // Pasted: what is typed, the editor completes.
  await page.evaluate(() => navigator.clipboard.writeText('{ "authorization": "Bearer ada" }'))
  await page.keyboard.press('Control+V')
  await page.getByLabel('Re-fetch GraphQL schema').click()
  await vi.waitFor(() => expect(admitted).toContain('HTTP'))
  await vi.waitFor(
    async () => {
      await page.locator('.graphiql-execute-button[aria-label^="Execute"]').click()
      await vi.waitFor(async () => expect(await response()).toContain('IN_PROGRESS'))
    },
    { timeout: 20_000 },
  )
  expect(admitted).toContain('WebSocket')
  await page.screenshot({ path: path.join(screenshots, 'graphiql-with-token.png') })
  operations.find(locationOf(1), { status: 'succeeded' })
  await vi.waitFor(async () => expect(await response()).toContain('SUCCEEDED'))

  expect(page.url()).not.toContain('ada')
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('ada')
  await page.close()
  await server.stop(1_000)
})
