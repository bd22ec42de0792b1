import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { attacks } from './attacks.ts'
import type { BystanderReport } from './bystander.ts'
import { createDice } from './dice.ts'
import { openHostileSocket } from './hostile-socket.ts'
import type { VictimReport, VictimRequest } from './victim.ts'

export interface FuzzOptions {
  /** How many messages are sent, at the least. */
  readonly messages: number
  /** What each visit does follows from it, if not how the visits meet. */
  readonly seed: number
  /** Told of how far it is. */
  readonly onProgress?: (messages: number, victim: VictimReport) => void
}

export interface FuzzReport {
  readonly messages: number
  readonly visits: number
  readonly elapsedMs: number
  /** After the first tenth of the messages. */
  readonly early: VictimReport
  /** When all hostile clients have left. */
  readonly late: VictimReport
  /** The longest that anything else had to wait in the gateway, in milliseconds. */
  readonly longestBlockMs: number
  readonly bystanders: readonly BystanderReport[]
}

/** One subscribes over WebSocket, one over server-sent events. */
export const BYSTANDERS = 2
const VISITORS = 64

/**
 * Lets hostile clients at a gateway, over WebSocket and HTTP, while others subscribe as they should.
 *
 * @throws when the gateway ends or does not answer any more
 */
export async function fuzz({ messages, seed, onProgress = () => {} }: FuzzOptions): Promise<FuzzReport> {
  using victim = startProcess('victim.ts', [])
  const { port } = await victim.next<{ port: number }>()
  const host = `127.0.0.1:${port}`
  using bystander = startProcess('bystander.ts', [`http://${host}/graphql`])
  await bystander.next()

  const startedAt = performance.now()
  let sent = 0
  let visits = 0
  let longestBlockMs = 0
  let early: VictimReport | undefined

  async function inspect(): Promise<VictimReport> {
    const report = await victim.ask<VictimReport>('report')
    longestBlockMs = Math.max(longestBlockMs, report.longestBlockMs)
    return report
  }

  async function visit(): Promise<void> {
    while (sent < messages) {
      visits += 1
      const dice = createDice(seed * 1_000_003 + visits)
      // Many addresses: the ports of one would run out.
      const socket = await openHostileSocket(port, `127.0.0.${2 + dice.below(200)}`)
      const more = await dice.pick(attacks)(socket, dice, host)
      sent += more
      await socket.leave(dice.pick(['reset', 'reset', 'half', 'end']))
    }
  }

  const share = (): number => sent / messages

  async function watch(): Promise<void> {
    for (let step = 1; step <= 10; step++) {
      while (victim.isAlive && share() < step / 10) await pause(50)
      const report = await inspect()
      if (step === 1) early = report
      onProgress(sent, report)
    }
  }

  await Promise.all([watch(), ...Array.from({ length: VISITORS }, visit)])
  // Streams that they have reserved and not opened are kept for a while.
  let late = await inspect()
  for (let tries = 0; tries < 30 && !isQuiet(late); tries++) {
    await pause(500)
    late = await inspect()
  }
  victim.tell('finish')
  let bystanders = await bystander.ask<BystanderReport[]>('report')
  for (let tries = 0; tries < 50 && !bystanders.every(({ isComplete }) => isComplete); tries++) {
    await pause(100)
    bystanders = await bystander.ask<BystanderReport[]>('report')
  }
  const elapsedMs = performance.now() - startedAt
  return { messages: sent, visits, elapsedMs, early: early ?? late, late, longestBlockMs, bystanders }
}

/** Whether only the bystanders are left. */
function isQuiet({ openConnections, openSockets, watchers }: VictimReport): boolean {
  return Math.max(openConnections, openSockets, watchers) <= BYSTANDERS
}

interface Process extends Disposable {
  readonly isAlive: boolean
  /** What it says next. @throws when it has ended */
  next<T>(): Promise<T>
  tell(request: VictimRequest): void
  ask<T>(request: VictimRequest): Promise<T>
}

/** How long it may take a process to answer before it counts as hung. */
const PATIENCE_MS = 30_000

function startProcess(file: string, args: readonly string[]): Process {
  const child: ChildProcess = fork(path.join(import.meta.dirname, file), [...args])
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
    throw new Error(`${file} ended with ${String(code ?? signal)}`)
  })
  ended.catch(() => {})

  async function next<T>(): Promise<T> {
    const patience = new AbortController()
    const hung = pause(PATIENCE_MS, patience.signal).then(() => {
      throw new Error(`${file} said nothing for ${PATIENCE_MS} ms`)
    })
    try {
      const [message] = (await Promise.race([once(child, 'message'), ended, hung])) as [T]
      return message
    } finally {
      patience.abort()
      hung.catch(() => {})
    }
  }

  return {
    get isAlive() {
      return child.exitCode === null && child.signalCode === null
    },
    next,
    tell: (request) => void child.send(request),
    async ask(request) {
      const answer = next<never>()
      child.send(request)
      return answer
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
