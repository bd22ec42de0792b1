import type { SharedResult } from './shared-result.ts'

/** Where the results of a subscription go. Called in order; nothing of it throws. */
export interface Recipient {
  /** Takes a result. While it can't be sent on, it takes the place of an earlier one of the same topic. */
  receive(result: SharedResult, topic: unknown): void
  /** Calls back when all that was taken is on its way: at once where nothing waits. */
  whenSent(act: () => void): void
  /** Forgets what waits, and whom to call back: the subscription is over. */
  discard(): void
}
