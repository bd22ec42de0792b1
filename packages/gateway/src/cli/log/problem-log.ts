import type { Clock } from '@teams-operations/core'
import type { LogLevel } from '../settings/operator-settings.ts'
import type { Log } from './create-log.ts'

/**
 * Writes a line for a problem. Of each kind there are no more than {@link MAX_LINES} within a minute; the
 * first one of the next minute says how many were left out.
 */
export type LogProblem = (kind: string, level: LogLevel, fields: object, message: string) => void

const MAX_LINES = 20
const PERIOD_MS = 60_000

interface Period {
  readonly startedAt: number
  lines: number
}

/** For kinds that are known beforehand: they are never forgotten. */
export function createProblemLog(log: Log, clock: Clock): LogProblem {
  const periods = new Map<string, Period>()

  return (kind, level, fields, message) => {
    const now = clock.monotonic()
    let period = periods.get(kind)
    let leftOut = 0
    if (!period || now - period.startedAt >= PERIOD_MS) {
      leftOut = Math.max(0, (period?.lines ?? 0) - MAX_LINES)
      period = { startedAt: now, lines: 0 }
      periods.set(kind, period)
    }
    period.lines += 1
    if (period.lines <= MAX_LINES) log[level](leftOut === 0 ? fields : { ...fields, leftOut }, message)
  }
}
