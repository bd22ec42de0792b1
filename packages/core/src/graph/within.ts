import type { Clock } from '../clock.ts'

export interface Limits {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The reason to reject with when the time is up. */
  readonly onTimeout: () => Error
}

/**
 * Settles as `work` does, or rejects as soon as the time is up or `signal` aborts, whether or not `work`
 * heeds its own signal. No timer or listener stays behind.
 */
export async function within<T>(
  { clock, timeoutMs, signal, onTimeout }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const stopTimer = clock.timer(timeoutMs, () => controller.abort(onTimeout()))
  try {
    return await orAborted(work(controller.signal), controller.signal)
  } finally {
    stopTimer()
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * Settles as `promise` does, or rejects as soon as `signal` aborts. What comes of `promise` after that is
 * nobody's business any more: a late value is dropped, a late rejection counts as handled.
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => {}
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve
  })
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    await Promise.race([promise, aborted])
    signal.throwIfAborted()
    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
