import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a process can be asked to do, by name. Arguments and results are JSON. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>

interface Call {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** A part of a benchmark in a process of its own, so that its CPU and memory are its own as well. */
export interface Child<Of extends Commands> extends Disposable {
  /** Rejects when the command fails, or the process ends before it has answered. */
  call<Name extends keyof Of & string>(
    name: Name,
    argument: Parameters<Of[Name]>[0],
  ): Promise<Awaited<ReturnType<Of[Name]>>>
}

/** Starts a module of this folder, which has to {@link serve} its commands. */
export function startChild<Of extends Commands>(module: string, args: readonly string[] = []): Child<Of> {
  const file = fileURLToPath(new URL(module, import.meta.url))
  const child = fork(file, args, { execArgv: ['--expose-gc'] })
  const pending = new Map<number, PromiseWithResolvers<never>>()
  let calls = 0
  child.on('message', ({ id, result, error }: Answer) => {
    const call = pending.get(id)
    pending.delete(id)
    if (error === undefined) call?.resolve(result as never)
    else call?.reject(new Error(`${module} ${args.join(' ')}: ${error}`))
  })
  child.on('exit', (code) => {
    const error = new Error(`Expected ${module} to go on, but it has ended with ${code}`)
    for (const call of pending.values()) call.reject(error)
  })
  return {
    call(name, argument) {
      const call = Promise.withResolvers<never>()
      const id = (calls += 1)
      pending.set(id, call)
      child.send({ id, name, argument } satisfies Call)
      return call.promise
    },
    [Symbol.dispose]: () => end(child),
  }
}

function end(child: ChildProcess): void {
  child.removeAllListeners('exit')
  child.kill()
}

/** Has this process answer whoever started it, and end with it. */
export function serve(commands: Commands): void {
  const answer = (message: Answer): void => void process.send?.(message)
  process.on('message', ({ id, name, argument }: Call) => {
    void (async () => commands[name]?.(argument as never))().then(
      (result) => answer({ id, result }),
      (error: unknown) => answer({ id, error: error instanceof Error ? String(error.stack) : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
  // Ctrl-C is for whoever started it.
  process.on('SIGINT', () => {})
}
