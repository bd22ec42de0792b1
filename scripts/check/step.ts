import type { TestCounts } from './vitest.ts'

export interface Step {
  readonly name: string
  /** What it makes sure of, for `--help`. */
  readonly about: string
  /** Steps that have to be over before it starts, where they run as well. */
  readonly after?: readonly string[] | undefined
  run(signal: AbortSignal): Promise<StepResult>
}

export interface StepResult {
  readonly ok: boolean
  /** What to show of it, where it failed. */
  readonly output: string
  /** What to say beside an "ok". */
  readonly note?: string | undefined
  readonly tests?: TestCounts | undefined
}
