import type { Finding } from './violation.ts'

/** How often one operation was checked, and how far apart. Gaps reach from the end of an answer to the next request. */
export interface CheckSummary {
  readonly operation: string
  readonly checks: number
  readonly firstStartedAt: number
  readonly lastStartedAt: number
  /** `undefined` while the first answer is awaited. */
  readonly lastEndedAt: number | undefined
  /** `undefined` before the second check. */
  readonly shortestGapMs: number | undefined
  readonly longestGapMs: number | undefined
}

type Checks = { -readonly [Name in keyof CheckSummary]: CheckSummary[Name] } & { awaited: number }

/**
 * No operation is to be checked sooner than a while after the end of the previous answer, be that a good
 * one, an error or a broken connection.
 *
 * @see https://learn.microsoft.com/graph/api/resources/teamsasyncoperation
 */
export class CheckIntervalRule {
  readonly #floorMs: number
  readonly #byOperation = new Map<string, Checks>()

  constructor(floorMs: number) {
    this.#floorMs = floorMs
  }

  begin(operation: string, at: number): Finding | undefined {
    const checks = this.#byOperation.get(operation)
    if (!checks) {
      this.#byOperation.set(operation, {
        operation,
        checks: 1,
        firstStartedAt: at,
        lastStartedAt: at,
        lastEndedAt: undefined,
        shortestGapMs: undefined,
        longestGapMs: undefined,
        awaited: 1,
      })
      return undefined
    }
    const gapMs = checks.awaited > 0 || checks.lastEndedAt === undefined ? 0 : at - checks.lastEndedAt
    checks.checks += 1
    checks.lastStartedAt = at
    checks.awaited += 1
    checks.shortestGapMs = Math.min(checks.shortestGapMs ?? Infinity, gapMs)
    checks.longestGapMs = Math.max(checks.longestGapMs ?? 0, gapMs)
    if (gapMs >= this.#floorMs) return undefined
    const message = `${operation} was checked ${gapMs} ms after the previous answer, not ${this.#floorMs}`
    return { type: 'check-too-early', operation, gapMs, floorMs: this.#floorMs, message }
  }

  end(operation: string, at: number): void {
    const checks = this.#byOperation.get(operation)
    if (!checks) return
    checks.awaited -= 1
    checks.lastEndedAt = at
  }

  summaries(): Iterable<CheckSummary> {
    return this.#byOperation.values()
  }
}
