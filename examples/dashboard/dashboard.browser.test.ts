import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchBrowser } from '../../packages/gateway/test/browser/launch-browser.ts'
import { serveDashboard, type Dashboard } from './serve-dashboard.ts'

const screenshots = path.resolve(import.meta.dirname, '../../node_modules/.cache/screenshots')

let browser: Browser
let dashboard: Dashboard
let page: Page
/** What must stay empty: foreign requests, and what the console complains about. */
let complaints: string[]

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true })
  browser = await launchBrowser()
})

beforeEach(async () => {
  dashboard = await serveDashboard({ port: 0, script: { inProgressMs: 3_000 } })
  complaints = []
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && origin !== dashboard.origin) complaints.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(dashboard.origin)
})

afterEach(async () => {
  await page.close()
  await dashboard[Symbol.asyncDispose]()
})

afterAll(async () => {
  await browser.close()
})

test('the dashboard shows operations live, from their start to their end', async () => {
  await page.locator('#connection[data-live=true]').waitFor()
  await page.locator('tr[data-status=IN_PROGRESS]').first().waitFor()
  // The same row, not another one.
  const location = await page.locator('tr[data-status=IN_PROGRESS]').first().getAttribute('data-location')
  await page.locator(`tr[data-location="${location}"][data-status=SUCCEEDED]`).waitFor()
  await page.locator('tr[data-status=FAILED]', { hasText: 'The SharePoint site is locked.' }).waitFor()
  expect(await page.locator('#summary').innerText()).toMatch(
    /^\d under way, [1-9]\d* succeeded, [1-9]\d* failed$/,
  )
  await page.screenshot({ path: path.join(screenshots, 'dashboard.png') })
  expect(complaints).toEqual([])
})

test('what is started on the dashboard is followed with what the mutation answered', async () => {
  await page.selectOption('select[name=team]', { label: 'Class 4b' })
  await page.getByRole('button', { name: 'Archive', exact: true }).click()
  await page.getByText('Started.').waitFor()
  const row = page.locator('tr', { hasText: 'Class 4b' }).filter({ hasText: 'archive team' })
  await row.first().waitFor()
  await row.filter({ hasText: 'succeeded' }).first().waitFor()
  expect(complaints).toEqual([])
})

test('a page that was cut off comes back by itself, also after nobody was listening for a while', async () => {
  await page.locator('#connection[data-live=true]').waitFor()
  const { port } = new URL(dashboard.origin)
  await dashboard[Symbol.asyncDispose]()
  await page.locator('#connection[data-live=false]').waitFor()
  for (let attempt = 1; attempt <= 2; attempt++) await page.waitForEvent('websocket')
  dashboard = await serveDashboard({ port: Number(port), script: { inProgressMs: 3_000 } })
  await page.locator('#connection[data-live=true]').waitFor()
  await page.locator('tr[data-status=IN_PROGRESS]').first().waitFor()
})
