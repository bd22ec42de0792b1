import { spawn } from 'node:child_process'
import path from 'node:path'

export const root: string = path.resolve(import.meta.dirname, '../..')

export interface CommandOptions {
  /** Stops the command, and everything that it started. */
  readonly signal: AbortSignal
  /** @default the root of the workspace */
  readonly cwd?: string | undefined
}

export interface CommandResult {
  readonly ok: boolean
  /** What it wrote to both outputs, in the order in which it came. */
  readonly output: string
}

const windows = process.platform === 'win32'
/** How long a command may take to stop in its own time. */
const GRACE_MS = 3000

/** Runs a command of the workspace, or of the machine, to its end. It never rejects: a failure is a result. */
export function runCommand(
  command: string,
  args: readonly string[],
  { signal, cwd = root }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ ok: false, output: '' })
      return
    }
    // A group of its own, so that stopping it also stops what it started.
    const child = spawn(command, args, { cwd, env: environment(), detached: !windows, shell: windows })
    const kill = (how: NodeJS.Signals): void => {
      if (child.pid === undefined) return
      try {
        if (windows) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'])
        else process.kill(-child.pid, how)
      } catch {
        // It has ended already.
      }
    }
    let force: NodeJS.Timeout | undefined
    const stop = (): void => {
      kill('SIGTERM')
      force = setTimeout(kill, GRACE_MS, 'SIGKILL')
    }
    signal.addEventListener('abort', stop, { once: true })

    const chunks: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
    }
    const end = (ok: boolean): void => {
      signal.removeEventListener('abort', stop)
      clearTimeout(force)
      resolve({ ok, output: chunks.join('') })
    }
    child.on('error', (error) => {
      chunks.push(`${command} could not be started: ${error.message}\n`)
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}

/** Does one thing after the other, until one fails. */
export async function inSequence(parts: readonly (() => Promise<CommandResult>)[]): Promise<CommandResult> {
  for (const part of parts) {
    const result = await part()
    if (!result.ok) return result
  }
  return { ok: true, output: '' }
}

/** The commands of the workspace come first, and the Node that it brings along with them. */
function environment(): NodeJS.ProcessEnv {
  const bin = path.join(root, 'node_modules', '.bin')
  const colors = process.stdout.isTTY && !process.env['NO_COLOR'] ? { FORCE_COLOR: '1' } : {}
  return { ...process.env, ...colors, PATH: bin + path.delimiter + (process.env['PATH'] ?? '') }
}
