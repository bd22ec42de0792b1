import type { CancelTimer, Clock } from '@teams-operations/core'
import type { LogProblem } from './problem-log.ts'

/**
 * Tells when nothing is sent to Graph for a while, and when that is over. A pause that has become longer is told
 * of when it was to be over: every request under way at its beginning may lengthen it by a little.
 */
export function createPauseLog(problem: LogProblem, clock: Clock): (pauseMs: number) => void {
  let startedAt: number | undefined
  let until = -Infinity
  let cancelTimer: CancelTimer = () => {}

  function start(): void {
    const forMs = Math.round(until - clock.monotonic())
    problem('paused', 'warn', { forMs }, 'Nothing is sent to Microsoft Graph for a while')
    cancelTimer()
    cancelTimer = clock.timer(forMs, end)
  }

  function end(): void {
    const now = clock.monotonic()
    if (until - now >= 1) return start()
    const lastedMs = Math.round(now - (startedAt ?? now))
    startedAt = undefined
    problem('resumed', 'info', { lastedMs }, 'Microsoft Graph may be asked again')
  }

  return (pauseMs) => {
    const now = clock.monotonic()
    until = Math.max(until, now + pauseMs)
    if (startedAt !== undefined) return
    startedAt = now
    start()
  }
}
