import type { Condition } from './outcomes.ts'

/** What the gateway needs to serve whoever comes. */
export interface Readiness {
  /** By name, each `ok` or why not. */
  read(): Readonly<Record<string, CheckResult>>
  /** Whether all of it is ok. */
  readonly isReady: boolean
  /** It takes no more clients from now on, and will not again. */
  stop(): void
}

export type CheckResult = 'ok' | 'starting' | 'failing' | 'stopping'

const results: Readonly<Record<Condition, CheckResult>> = {
  unknown: 'starting',
  good: 'ok',
  bad: 'failing',
}

/** @param dependencies the condition of each, at this moment */
export function createReadiness(dependencies: () => Readonly<Record<string, Condition>>): Readiness {
  let isStopping = false

  function read(): Readonly<Record<string, CheckResult>> {
    const others = Object.entries(dependencies()).map(([name, condition]) => [name, results[condition]])
    return { serving: isStopping ? 'stopping' : 'ok', ...Object.fromEntries(others) }
  }

  return {
    read,
    get isReady() {
      return Object.values(read()).every((result) => result === 'ok')
    },
    stop() {
      isStopping = true
    },
  }
}
