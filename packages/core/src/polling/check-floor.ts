/** How long each of those who wait lets the one before it go first. */
const TURN_MS = 100

interface Checked {
  /** Whether a check is under way. */
  isUnderWay: boolean
  /** From when on the next check may be made. */
  freeAt: number
  /** Who waits for that, the longest first: a `Set` keeps the order of insertion. */
  readonly waiting: Set<object>
}

/**
 * Keeps the checks of an operation apart that several clients make: from the end of one to the beginning of
 * the next, whoever makes them. Who has waited longest comes first. Moments are monotonic milliseconds.
 */
export class CheckFloor {
  /** The longest unchecked first. */
  readonly #operations = new Map<string, Checked>()

  /** @returns 0 if `client` may check the operation now, otherwise when to ask again */
  waitUntil(location: string, client: object, now: number, intervalMs: number): number {
    const checked = this.#operations.get(location)
    if (!checked) return 0
    const freeAt = checked.isUnderWay ? now + intervalMs : checked.freeAt
    const askAt = freeAt + placeOf(client, checked.waiting) * TURN_MS
    if (askAt <= now) return 0
    checked.waiting.add(client)
    return askAt
  }

  /** A check begins, of which {@link waitUntil} has said that it may. */
  begin(location: string, client: object): void {
    const checked = this.#operations.get(location)
    checked?.waiting.delete(client)
    if (checked) checked.isUnderWay = true
    else this.#operations.set(location, { isUnderWay: true, freeAt: 0, waiting: new Set() })
  }

  /** It was not made after all. */
  cancel(location: string): void {
    const checked = this.#operations.get(location)
    if (checked) checked.isUnderWay = false
  }

  /** It has been answered, or waiting for that was given up. */
  end(location: string, endedAt: number, intervalMs: number): void {
    const checked = this.#operations.get(location)
    if (!checked) return
    checked.isUnderWay = false
    checked.freeAt = endedAt + intervalMs
    this.#operations.delete(location)
    this.#operations.set(location, checked)
    this.#forget(endedAt)
  }

  /** A client follows the operation no more. */
  leave(location: string, client: object): void {
    this.#operations.get(location)?.waiting.delete(client)
  }

  /** A client is gone. */
  leaveAll(client: object): void {
    for (const { waiting } of this.#operations.values()) waiting.delete(client)
  }

  /** How many operations are remembered. */
  get size(): number {
    return this.#operations.size
  }

  #forget(now: number): void {
    for (const [location, { isUnderWay, freeAt, waiting }] of this.#operations) {
      if (isUnderWay || freeAt > now || waiting.size > 0) return
      this.#operations.delete(location)
    }
  }
}

/** How many come before it. */
function placeOf(client: object, waiting: ReadonlySet<object>): number {
  let place = 0
  for (const other of waiting) {
    if (other === client) return place
    place += 1
  }
  return place
}
