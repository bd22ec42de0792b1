import type { Random } from '../random.ts'

/** A fixed time, or a seeded random one between two, both included. */
export type DurationMs = number | readonly [minMs: number, maxMs: number]

export interface OperationFailure {
  readonly code: string
  readonly message: string
}

/** One status on the way, and how long it lasts. */
export interface OperationStep {
  /** Any string: also `invalid`, or a member that no client knows yet. */
  readonly status: string
  readonly forMs: DurationMs
  /** @default that of the script */
  readonly attemptsCount?: number | undefined
}

/** What an operation will do. Every time counts from its start unless it says otherwise. */
export interface OperationScript {
  /** How long it is `notStarted`. @default 0; for `createTeam` up to 2 seconds */
  readonly notStartedMs?: DurationMs | undefined
  /** How long it is `inProgress` after that. @default 5 to 17 seconds, as in recorded traffic */
  readonly inProgressMs?: DurationMs | undefined
  /** The statuses on the way, instead of those two. */
  readonly steps?: readonly OperationStep[] | undefined
  /** How it ends. `stuck` keeps its last status for ever. @default 'succeeded' */
  readonly outcome?: 'succeeded' | 'failed' | 'stuck' | undefined
  /** The `error` of one that fails. @default a `TeamUnavailable` */
  readonly error?: OperationFailure | null | undefined
  /** How often the service tried, which is not how often a client asked. @default 1 */
  readonly attemptsCount?: number | undefined
  /** Answers 404 for this long after the 202. @default 0 */
  readonly replicationMs?: DurationMs | undefined
  /** Is gone this long after it ended; one that is stuck, after its start. @default never */
  readonly purgeAfterMs?: DurationMs | undefined
  /** How a purged operation answers. @default 404 */
  readonly purgeStatus?: 404 | 410 | undefined
  /** The target answers 404 for this long after the success. @default 0 */
  readonly targetDelayMs?: DurationMs | undefined
  /** Instead of the identifier of what is created or changed. */
  readonly targetResourceId?: string | null | undefined
  /** Instead of the location of what is created or changed. */
  readonly targetResourceLocation?: string | null | undefined
}

/** A script with every choice made. */
export interface OperationPlan {
  readonly steps: readonly PlannedStep[]
  readonly outcome: 'succeeded' | 'failed' | 'stuck'
  readonly error: OperationFailure | null
  readonly attemptsCount: number
  readonly replicationMs: number
  readonly purgeAfterMs: number
  readonly purgeStatus: 404 | 410
  readonly targetDelayMs: number
}

export interface PlannedStep {
  readonly status: string
  /** The age at which it is over. */
  readonly untilMs: number
  readonly attemptsCount: number
}

const defaultFailure: OperationFailure = { code: 'TeamUnavailable', message: 'The team was not found.' }

/** Makes the choices that a script leaves open. */
export function planOf(script: OperationScript, operationType: string, random: Random): OperationPlan {
  const attemptsCount = script.attemptsCount ?? 1
  const outcome = script.outcome ?? 'succeeded'
  let untilMs = 0
  const planned = stepsOf(script, operationType).map((step) => {
    untilMs += drawMs(step.forMs, random)
    return { status: step.status, untilMs, attemptsCount: step.attemptsCount ?? attemptsCount }
  })
  // A step that lasts for no time is never seen, except as the last one of an operation that is stuck.
  const steps = planned.filter(
    (step, index) => step.untilMs > (planned[index - 1]?.untilMs ?? 0) || index === planned.length - 1,
  )
  return {
    steps,
    outcome,
    error: outcome === 'failed' ? (script.error === undefined ? defaultFailure : script.error) : null,
    attemptsCount,
    replicationMs: drawMs(script.replicationMs ?? 0, random),
    purgeAfterMs: drawMs(script.purgeAfterMs ?? Infinity, random),
    purgeStatus: script.purgeStatus ?? 404,
    targetDelayMs: drawMs(script.targetDelayMs ?? 0, random),
  }
}

function stepsOf(script: OperationScript, operationType: string): readonly OperationStep[] {
  if (script.steps !== undefined) return script.steps
  const notStartedMs = script.notStartedMs ?? (operationType === 'createTeam' ? [500, 2_000] : 0)
  return [
    { status: 'notStarted', forMs: notStartedMs },
    { status: 'inProgress', forMs: script.inProgressMs ?? [5_000, 17_000] },
  ]
}

/** @throws {RangeError} when a duration is not a number of milliseconds from 0 on */
export function drawMs(duration: DurationMs, random: Random): number {
  const [minMs, maxMs] = typeof duration === 'number' ? [duration, duration] : duration
  if (!(minMs >= 0 && maxMs >= minMs)) {
    throw new RangeError(
      `Expected a duration from 0 on, or two in ascending order, in milliseconds; got ${JSON.stringify(duration)}`,
    )
  }
  return minMs === maxMs ? minMs : random.integer(minMs, maxMs)
}
