import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { simulatedGraph, type Graph } from '../../src/cli/graph.ts'
import { gatewayFor } from '../../src/cli/serve.ts'
import { startText } from '../../src/cli/start-text.ts'
import { listen, type GatewayServer } from '../../src/server/listen.ts'
import { launchBrowser } from './launch-browser.ts'

const screenshots = path.resolve(import.meta.dirname, '../../../../node_modules/.cache/screenshots')

let browser: Browser
let graph: Graph
let server: GatewayServer
let page: Page
/** What must stay empty: foreign requests, and what the console complains about. */
let foreign: string[]
let complaints: string[]

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true })
  browser = await launchBrowser()
})

beforeEach(async () => {
  // As `serve --simulate`, with operations that are done soon.
  graph = await simulatedGraph(
    { pollIntervalMs: 500, quotaShare: undefined },
    {},
    { durationMs: 12_000, retryAfter: '1' },
  )
  server = await listen(
    gatewayFor(graph, { allowStart: true, onUnexpectedError: (error) => complaints.push(String(error)) }),
    {
      host: '127.0.0.1',
      port: 0,
    },
  )
  foreign = []
  complaints = []
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && protocol !== 'blob:' && origin !== server.origin) foreign.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
})

afterEach(async () => {
  await page.close()
  await server.stop(1_000)
  await graph[Symbol.asyncDispose]()
})

afterAll(async () => {
  await browser.close()
})

/** What a pane shows: an editor that draws lines with spaces of its own. */
async function shown(pane: '.graphiql-query-editor' | '.graphiql-response'): Promise<string> {
  const text = await page.locator(pane).innerText()
  return text.replaceAll('\u00a0', ' ')
}

/** What was printed at the start, between the empty lines after the invitation to paste it. */
function printedSubscription(): string {
  const [, subscription = ''] =
    /press play:\n\n(.+?)\n\n/s.exec(startText(server.origin, graph, { isAuthenticated: false })) ?? []
  return subscription
}

async function open(): Promise<void> {
  await page.goto(`${server.origin}/graphql`)
  await page.locator('.graphiql-query-editor .view-line').first().waitFor()
}

/** What GraphiQL keeps of its tabs. */
const tabState = (): Promise<string> => page.evaluate(() => localStorage.getItem('graphiql:tabState') ?? '')

/** Puts this in the place of what the editor holds. */
async function write(query: string): Promise<void> {
  await page.locator('.graphiql-query-editor').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(query)
  // The editor finds out a moment later which operation it holds.
  const [, field = ''] = /\{ (\w+)/.exec(query) ?? []
  await vi.waitFor(async () => expect(await tabState()).toContain(field), { timeout: 5_000 })
}

const playButton = (): Locator => page.locator('.graphiql-execute-button')

test('the printed subscription, pasted into GraphiQL, shows states until the operation completes', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await open()
  await page.locator('.graphiql-query-editor').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await vi.waitFor(async () => expect(await shown('.graphiql-query-editor')).not.toContain('subscription'))
  await page.evaluate((text) => navigator.clipboard.writeText(text), printedSubscription())
  await page.keyboard.press('Control+V')
  await vi.waitFor(async () => expect(await shown('.graphiql-query-editor')).toContain('subscription Watch'))
  await playButton().click()

  const statuses = new Set<string>()
  await vi.waitFor(
    async () => {
      const [, status = ''] = /"status": "(\w+)"/.exec(await shown('.graphiql-response')) ?? []
      if (status) statuses.add(status)
      expect(status).toMatch(/SUCCEEDED|FAILED/)
    },
    { timeout: 40_000, interval: 100 },
  )
  expect(statuses).toContain('IN_PROGRESS')
  // The button offers to run again, no longer to stop: the subscription has completed.
  await page.locator('.graphiql-execute-button[aria-label^="Execute"]').waitFor()
  await page.screenshot({ path: path.join(screenshots, 'graphiql-completed.png') })
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})

test('GraphiQL opens with a subscription worth running, runs it over WebSocket, and stops it', async () => {
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  await open()
  await playButton().click()
  await vi.waitFor(async () => expect(await shown('.graphiql-response')).toContain('"checks": 2'), {
    timeout: 10_000,
  })
  await page.screenshot({ path: path.join(screenshots, 'graphiql-running.png') })
  expect(graph.operations.stats().followed).toBe(1)
  await playButton().click()
  await vi.waitFor(() => expect(graph.operations.stats().followed).toBe(0))
  expect(sockets).toEqual([`${server.origin.replace('http', 'ws')}/graphql`])
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})

test('GraphiQL comes back when the gateway does, also after nobody was listening for a while', async () => {
  await open()
  await write('subscription { followedOperations { id } }')
  await playButton().click()
  await vi.waitFor(async () => expect(await shown('.graphiql-response')).toContain('"followedOperations"'))
  const port = Number(new URL(server.origin).port)
  await server.stop(1_000)
  for (let attempt = 1; attempt <= 2; attempt++) await page.waitForEvent('websocket')
  expect(await shown('.graphiql-response')).not.toContain('errors')
  const gateway = gatewayFor(graph, {})
  server = await listen(gateway, { host: '127.0.0.1', port })
  await vi.waitFor(() => expect(gateway.stats().subscriptions).toBe(1), { timeout: 30_000 })
})

test('GraphiQL sends a mutation over HTTP, where it is taken, and once', async () => {
  const sent: string[] = []
  page.on('websocket', (socket) => sent.push(socket.url()))
  page.on('request', (request) => {
    if (request.postData()?.includes('createTeam')) sent.push(request.method())
  })
  await open()
  await write('mutation { createTeam(team: { displayName: "New" }) { ref { location } } }')
  await playButton().click()
  await vi.waitFor(async () => expect(await shown('.graphiql-response')).toContain('"location": "/teams'))
  expect(sent).toEqual(['POST'])
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})

test('GraphiQL explains the schema', async () => {
  await open()
  await page.getByLabel('Show Documentation Explorer').click()
  await page.getByRole('link', { name: 'Subscription', exact: true }).click()
  await page.getByText('What happens from now on.').waitFor()
  await page.screenshot({ path: path.join(screenshots, 'graphiql-documentation.png') })
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})

test('GraphiQL keeps the query in the browser, but no headers', async () => {
  await open()
  await page.getByRole('button', { name: 'Headers' }).click()
  await page.locator('.graphiql-editor-tool .view-lines').last().click()
  await page.keyboard.insertText('{ "Authorization": "Bearer of-mine" }')
  await page.locator('.graphiql-query-editor').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText('{ followedOperations { id } }')
  await vi.waitFor(async () => expect(await tabState()).toContain('followedOperations'), { timeout: 5_000 })
  expect(await page.locator('.graphiql-editor-tool').innerText()).toContain('of-mine')
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('of-mine')
})
