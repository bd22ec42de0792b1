import { Observable } from 'rxjs'
import type { CancelTimer, Clock } from '../clock.ts'

/** Emits once, `delayMs` after subscribing, however long that is, and completes. Unsubscribing stops the timer. */
export function elapse(clock: Clock, delayMs: number): Observable<void> {
  return new Observable((subscriber) => {
    const dueAt = clock.monotonic() + delayMs
    let cancel: CancelTimer
    // A timer has a longest delay, and may fire a little early.
    const wait = (remainingMs: number): void => {
      cancel = clock.timer(remainingMs, () => {
        const leftMs = dueAt - clock.monotonic()
        if (leftMs > 0) return wait(leftMs)
        subscriber.next()
        subscriber.complete()
      })
    }
    wait(delayMs)
    return () => cancel()
  })
}
