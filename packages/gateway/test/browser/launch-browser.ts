import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import bundled from '@sparticuz/chromium'
import { chromium, type Browser } from 'playwright-core'

/**
 * What keeps the browser to itself: no update, no telemetry, no look-up of anything but what a test opens.
 * The list that comes with the bundled Chromium is not used: it switches off the same-origin policy, which
 * is among the things to be tested.
 */
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--no-pings',
]

/** What a container asks for: no second sandbox, no shared memory of 64 MB, no graphics card. */
const contained = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--headless=shell',
]

const cacheFolder = path.resolve(import.meta.dirname, '../../../../node_modules/.cache/chromium')

/**
 * Starts a headless browser. `CHROME_PATH` names an installed one; without it, Linux on x64 runs the one
 * that came with the packages, and any other machine the Chrome that is installed where Chrome usually is.
 *
 * @throws where none of them can be started, with what to do about it
 */
export async function launchBrowser(): Promise<Browser> {
  const installed = process.env['CHROME_PATH']
  if (installed) return chromium.launch({ executablePath: installed, args: quiet })
  if (process.platform === 'linux' && process.arch === 'x64') {
    return chromium.launch({ executablePath: await unpackBundled(), args: [...quiet, ...contained] })
  }
  try {
    return await chromium.launch({ channel: 'chrome', args: quiet })
  } catch (cause) {
    throw new Error('Expected Google Chrome to be installed. Set CHROME_PATH to a Chromium of your own.', {
      cause,
    })
  }
}

/**
 * Unpacks the bundled Chromium once per version. Left to itself it unpacks into the temporary folder and
 * takes whatever it finds there for itself: another version, or what another process has half written.
 *
 * @returns the path of the executable
 */
async function unpackBundled(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const manifest: unknown = JSON.parse(await readFile(path.join(entry, '../../package.json'), 'utf8'))
  const folder = path.join(cacheFolder, versionOf(manifest))
  if (!existsSync(folder)) {
    await mkdir(cacheFolder, { recursive: true })
    const partial = await mkdtemp(path.join(cacheFolder, 'unpacking-'))
    await inTemporaryFolder(partial, () => bundled.executablePath())
    try {
      await rename(partial, folder)
    } catch (error) {
      // Somebody else was faster.
      await rm(partial, { recursive: true, force: true })
      if (!existsSync(folder)) throw error
    }
  }
  return path.join(folder, 'chromium')
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest && 'version' in manifest) return String(manifest.version)
  throw new Error('Expected @sparticuz/chromium to state its version in its package.json.')
}

async function inTemporaryFolder(folder: string, work: () => Promise<unknown>): Promise<void> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    await work()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}
