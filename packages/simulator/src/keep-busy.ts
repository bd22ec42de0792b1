import { throttle } from './behaviors/throttle.ts'
import { drawMs, type DurationMs, type OperationScript } from './model/operation-script.ts'
import type { SimulatedOperation } from './model/simulated-operation.ts'
import { createRandom } from './random.ts'
import type { Simulator } from './simulator.ts'

export interface KeepBusyOptions {
  /** How long an operation takes. @default 60 to 90 seconds */
  readonly durationMs?: DurationMs | undefined
  /** From the end of one to the start of the next. @default 5_000 */
  readonly pauseMs?: number | undefined
  /** The `Retry-After` of the one that is throttled on its way. @default '2' */
  readonly retryAfter?: string | undefined
}

/** What becomes of an operation that is kept running. */
export type BusyStory = 'succeeds' | 'fails' | 'throttled' | 'chat'

export interface BusyOperation {
  readonly story: BusyStory
  /** Of the team or chat that it belongs to. */
  readonly displayName: string
  readonly operation: SimulatedOperation
}

/** A few operations that are always running, each started again some time after it has ended. */
export interface BusyOperations extends Disposable {
  /** The latest of each story, in the order succeeds, fails, throttled, chat. */
  running(): readonly BusyOperation[]
  /** Starts no more of them. Those that run go on. */
  stop(): void
}

/** How many of each story can still be read. */
const READABLE = 50

/**
 * Keeps a simulated tenant busy for somebody to watch: an archive that succeeds, one that fails at the third
 * attempt, one whose checks are throttled now and then, and the creation of a chat, which is beta's. Stops
 * with the simulator.
 */
export function keepBusy(simulator: Simulator, options: KeepBusyOptions = {}): BusyOperations {
  const { durationMs = [60_000, 90_000], pauseMs = 5_000, retryAfter = '2' } = options
  const { clock, tenant } = simulator
  const random = createRandom('keep-busy')
  const lanes = stories.map(({ story, displayName, script }) => {
    const owner =
      story === 'chat'
        ? { chatId: tenant.addChat({ topic: displayName }).id }
        : { teamId: tenant.addTeam({ displayName }).id }
    const started: SimulatedOperation[] = []
    let cancelTimer = (): void => {}
    function start(): void {
      const operation = tenant.addOperation({ ...owner, script: script(drawMs(durationMs, random)) })
      started.push(operation)
      for (const old of started.splice(0, started.length - READABLE)) tenant.removeOperation(old)
      cancelTimer = clock.timer(operation.settlesAt - clock.monotonic() + pauseMs, start)
    }
    start()
    return {
      running: (): BusyOperation => ({ story, displayName, operation: started.at(-1) as SimulatedOperation }),
      stop: () => cancelTimer(),
    }
  })

  let throttledChecks = 0
  const throttled = throttle({ retryAfter })
  const removeBehavior = simulator.use((exchange, next) => {
    const isThrottledOne = lanes.some((lane) => {
      const { story, operation } = lane.running()
      return story === 'throttled' && operation === exchange.operation
    })
    if (!isThrottledOne) return next()
    throttledChecks += 1
    // The second of every three, so that the first is answered and the last gets through.
    return throttledChecks % 3 === 2 ? throttled(exchange, next) : next()
  })

  function stop(): void {
    removeBehavior()
    for (const lane of lanes) lane.stop()
  }
  simulator.closed.addEventListener('abort', stop, { once: true })
  return { running: () => lanes.map((lane) => lane.running()), stop, [Symbol.dispose]: stop }
}

interface Story {
  readonly story: BusyStory
  readonly displayName: string
  readonly script: (durationMs: number) => OperationScript
}

const stories: readonly Story[] = [
  { story: 'succeeds', displayName: 'Sales 2024', script: runsFor },
  {
    story: 'fails',
    displayName: 'Sales 2023',
    script: (durationMs) => ({
      steps: [1, 2, 3].map((attemptsCount) => ({
        status: 'inProgress',
        forMs: durationMs / 3,
        attemptsCount,
      })),
      outcome: 'failed',
      attemptsCount: 3,
      error: {
        code: 'TeamUnavailable',
        message: 'The SharePoint site of the team could not be set to read-only.',
      },
    }),
  },
  { story: 'throttled', displayName: 'Sales 2022', script: runsFor },
  { story: 'chat', displayName: 'Launch day', script: runsFor },
]

function runsFor(durationMs: number): OperationScript {
  return { notStartedMs: durationMs / 6, inProgressMs: (durationMs / 6) * 5 }
}
