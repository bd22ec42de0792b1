/** Lets each key do no more than so many things at a time: what is more waits, and those of others go on. */
export interface Turns<Key> {
  /**
   * Does something when it is its turn, which it has until that settles.
   *
   * @throws the reason of `signal` when that aborts before
   */
  take<T>(key: Key, signal: AbortSignal, act: () => Promise<T>): Promise<T>
  /** Keys that have something under way. */
  readonly size: number
}

interface Line {
  underWay: number
  /** The longest waiting first: a `Set` keeps the order of insertion, and any of them may leave. */
  readonly waiting: Set<() => void>
}

export function createTurns<Key>(max: number): Turns<Key> {
  const lines = new Map<Key, Line>()

  function next(key: Key, line: Line): void {
    const [first] = line.waiting
    if (first) return first()
    line.underWay -= 1
    if (line.underWay === 0) lines.delete(key)
  }

  function wait({ waiting }: Line, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', leave)
        waiting.delete(begin)
        resolve()
      }
      const leave = (): void => {
        waiting.delete(begin)
        reject(signal.reason)
      }
      waiting.add(begin)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  return {
    async take(key, signal, act) {
      signal.throwIfAborted()
      const line = lines.get(key) ?? { underWay: 0, waiting: new Set() }
      lines.set(key, line)
      if (line.underWay < max) line.underWay += 1
      // Who goes hands its place on.
      else await wait(line, signal)
      try {
        return await act()
      } finally {
        next(key, line)
      }
    },
    get size() {
      return lines.size
    },
  }
}
