// The door of a fresh clone: runs on any Node from 20 on, installs what the lockfile says when that has
// changed, and hands over to the Node 24 that the workspace brings along. Plain JavaScript for that reason.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const windows = process.platform === 'win32'
const bin = path.join(root, 'node_modules', '.bin')
const node = path.join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node')
const stampFile = path.join(root, 'node_modules', '.cache', 'installed')
const PARENT_CHECK_MS = 500

const tasks = /** @type {Record<string, string[]>} */ ({
  start: ['packages/gateway/src/cli/main.ts', 'serve', '--simulate'],
  check: ['scripts/check.ts'],
  bench: ['scripts/bench.ts'],
  fuzz: ['packages/gateway/test/fuzz/main.ts'],
})

/**
 * Runs a command to its end, with its output here. Signals are left to the command, which stops in its own
 * time.
 * @param {string} command
 * @param {string[]} args
 * @param {{ shell?: boolean, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} the exit code
 */
function run(command, args, { shell = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      shell,
      env: { ...process.env, PATH: bin + path.delimiter + (process.env['PATH'] ?? ''), ...env },
    })
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      // A terminal has sent SIGINT to the command as well.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    process.on('SIGINT', forward)
    process.on('SIGTERM', forward)
    // npm that is sent SIGTERM ends the shell between it and this process, and the shell ends without a word.
    const parent = process.ppid
    const watch = setInterval(() => {
      if (!process.env['npm_lifecycle_event'] || process.ppid === parent) return
      clearInterval(watch)
      forward('SIGTERM')
    }, PARENT_CHECK_MS)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      clearInterval(watch)
      process.off('SIGINT', forward)
      process.off('SIGTERM', forward)
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 1))
    })
  })
}

/** What an installation depends on; a second run with the same fingerprint skips it. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

/** @returns {Promise<number>} the exit code */
async function install() {
  const wanted = fingerprint()
  const isInstalled = existsSync(node) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted
  if (isInstalled) return 0
  // One that is interrupted half-way is none.
  rmSync(stampFile, { force: true })
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  console.log(`Installing with ${packageManager} …`)
  const code = await run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    // `npx` is a script there, which only a shell can run.
    shell: windows,
    // Tools are development dependencies, which an environment for production would leave out.
    env: { NODE_ENV: 'development' },
  })
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
try {
  const installed = await install()
  process.exitCode = installed === 0 ? await run(node, [...task, ...rest]) : installed
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
