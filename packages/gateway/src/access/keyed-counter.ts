/** Counts what is in use of each key, and keeps it at or below a maximum. Keys of which nothing is are forgotten. */
export interface KeyedCounter<Key> {
  /** @returns whether there was room for one more */
  add(key: Key): boolean
  /** Takes away as many as were added before. */
  remove(key: Key, count?: number): void
  count(key: Key): number
  /** How many keys there are of which anything is in use. */
  readonly size: number
}

export function createKeyedCounter<Key>(max: number): KeyedCounter<Key> {
  const counts = new Map<Key, number>()

  return {
    add(key) {
      const before = counts.get(key) ?? 0
      if (before >= max) return false
      counts.set(key, before + 1)
      return true
    },
    remove(key, count = 1) {
      const left = (counts.get(key) ?? 0) - count
      if (left > 0) counts.set(key, left)
      else counts.delete(key)
    },
    count: (key) => counts.get(key) ?? 0,
    get size() {
      return counts.size
    },
  }
}
