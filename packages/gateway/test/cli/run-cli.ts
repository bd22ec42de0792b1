import { spawn } from 'node:child_process'
import path from 'node:path'

const main = path.resolve(import.meta.dirname, '../../src/cli/main.ts')

export interface RunningCli extends AsyncDisposable {
  /** All that it has printed, to stdout and stderr. */
  output(): string
  /** Waits until it has printed something like this. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Resolves to the exit code when it has ended. */
  readonly ended: Promise<number | null>
}

/** The command line in a process of its own, with nothing in the environment but what is given. */
export function runCli(args: readonly string[], environment: Record<string, string> = {}): RunningCli {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const looking = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const look of looking) look()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))

  return {
    output: () => output,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output)
          if (!found) return
          looking.delete(look)
          resolve(found)
        }
        looking.add(look)
        look()
        void ended.then((code) => reject(new Error(`Ended with ${code} before ${pattern}: ${output}`)))
      }),
    kill: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Where a gateway serves clients, and where its operator. */
export interface Listening {
  readonly origin: string
  /** `undefined` without a port for it. */
  readonly admin?: string
}

/** Waits until `serve` listens. */
export async function listening(cli: RunningCli): Promise<Listening> {
  const [line] = await cli.printed(/\{[^\n]*"message":"Listening"[^\n]*\}/)
  return JSON.parse(line) as Listening
}
