import { constants } from 'node:os'

/** The signals by which a program is asked to stop: Ctrl-C, and what service managers send. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

/**
 * Resolves when the process is asked to stop. Asked once more, it stops at once, with the exit code that
 * shells know for the signal.
 */
export function stopRequested(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isStopping = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(128 + constants.signals[signal])
        isStopping = true
        resolve(signal)
      })
    }
  })
}
