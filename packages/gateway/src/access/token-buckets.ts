import type { Clock } from '@teams-operations/core'
import type { Rate } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** A {@link TokenBucket} for each key. */
export interface TokenBuckets<Key> {
  /** @returns how long until there is a token, in milliseconds; 0 when one was taken */
  take(key: Key): number
  /** Takes tokens also when there are none: the next ones have to wait for that. */
  spend(key: Key, tokens: number): void
  /** Keys that are remembered. */
  readonly size: number
}

/** A bucket that is full again is as good as none, and is forgotten when others are used. */
export function createTokenBuckets<Key>(rate: Rate, clock: Clock): TokenBuckets<Key> {
  /** Least recently used first: a `Map` keeps the order of insertion. */
  const buckets = new Map<Key, TokenBucket>()

  /** Two for each that may come: there are never more than were used while one fills. */
  function forgetFull(): void {
    let left = 2
    for (const [key, bucket] of buckets) {
      if (left === 0 || !bucket.isFull) return
      buckets.delete(key)
      left -= 1
    }
  }

  function use(key: Key): TokenBucket {
    forgetFull()
    const bucket = buckets.get(key) ?? new TokenBucket(rate, clock)
    buckets.delete(key)
    buckets.set(key, bucket)
    return bucket
  }

  return {
    take: (key) => use(key).take(),
    spend: (key, tokens) => void use(key).spend(tokens),
    get size() {
      return buckets.size
    },
  }
}
