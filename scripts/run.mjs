// The door of a fresh clone: runs on any Node from 20 on, installs what the lockfile says when that has
// changed, and hands over to the Node 24 that the workspace brings along. Plain JavaScript for that reason.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const bin = path.join(root, 'node_modules', '.bin')
const stampFile = path.join(root, 'node_modules', '.cache', 'installed')

const tasks = /** @type {Record<string, string[]>} */ ({
  start: ['packages/gateway/src/cli/main.ts', 'serve', '--simulate'],
  check: ['scripts/check.ts'],
  bench: ['scripts/bench.ts'],
})

/**
 * Runs a command to its end, with its output here. Ctrl-C and SIGTERM are left to the child, which shares
 * the terminal or is sent the signal, so that it stops in its own time.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
      env: { ...process.env, PATH: bin + path.delimiter + process.env['PATH'] },
    })
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      // A terminal has sent SIGINT to the whole group already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    process.on('SIGINT', forward)
    process.on('SIGTERM', forward)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', forward)
      process.off('SIGTERM', forward)
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 1))
    })
  })
}

/** What an installation depends on; a second run with the same fingerprint skips it. */
function fingerprint() {
  const hash = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

async function install() {
  const wanted = fingerprint()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return 0
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  console.log(`Installing with ${packageManager} …`)
  const code = await run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'])
  if (code !== 0) return code
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, wanted)
  return 0
}

const [name = '', ...rest] = process.argv.slice(2)
const task = tasks[name]
if (!task) {
  console.error(`Expected one of ${Object.keys(tasks).join(', ')}, got "${name}".`)
  process.exit(2)
}
const installed = await install()
process.exitCode = installed === 0 ? await run('node', [...task, ...rest]) : installed
