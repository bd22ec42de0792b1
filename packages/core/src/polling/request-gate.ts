import type { OperationOwner } from '../operation/operation-ref.ts'
import { ClientDisposedError } from './client-disposed-error.ts'
import type { CoolDown } from './cool-down.ts'
import { keyOf, limitOf, PULSE_MS, type RequestBudget } from './request-budget.ts'

interface Waiting {
  readonly kind: 'read' | 'start'
  readonly owner: OperationOwner | undefined
  /** Until when its team or chat has no room; 0 when that is not what it waits for. */
  ownerFreeAt: number
  readonly proceed: () => void
  readonly refuse: (reason: unknown) => void
}

/**
 * Where requests outside polling (starting an operation, listing, reading a target) wait for leave, in the
 * order in which they come: they share the pause and the budget with the checks.
 */
export class RequestGate {
  readonly #budget: RequestBudget
  readonly #coolDown: CoolDown
  readonly #onChange: () => void
  #waiting: Waiting[] = []
  /** Teams and chats whose checks come first until then. */
  readonly #pacedUntil = new Map<string, number>()
  #closed = false

  constructor(budget: RequestBudget, coolDown: CoolDown, onChange: () => void) {
    this.#budget = budget
    this.#coolDown = coolDown
    this.#onChange = onChange
  }

  /**
   * The earliest moment at which it is worth to {@link open} it, with reads possible from `readsFrom` on;
   * `undefined` when nobody waits.
   */
  wantedAt(readsFrom: number): number | undefined {
    if (this.#waiting.length === 0) return undefined
    return this.#waiting.reduce(
      (earliest, { kind, ownerFreeAt }) =>
        Math.min(earliest, kind === 'read' ? Math.max(ownerFreeAt, readsFrom) : ownerFreeAt),
      Infinity,
    )
  }

  /**
   * Waits until no pause is under way, until its team or chat has room, and for a read also the budget.
   * Rejects when `signal` aborts or the gate is closed.
   */
  enter(kind: 'read' | 'start', signal?: AbortSignal, owner?: OperationOwner): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new ClientDisposedError()
      signal?.throwIfAborted()
      const leave = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
      }
      const onAbort = (): void => {
        waiting.refuse(signal?.reason)
        this.#onChange()
      }
      const waiting: Waiting = {
        kind,
        owner,
        ownerFreeAt: 0,
        proceed: () => {
          leave()
          resolve()
        },
        refuse: (reason) => {
          leave()
          reject(reason)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiting)
      this.#onChange()
    })
  }

  /** Lets in whom there is room for: reads have at most half of it where checks want it too. */
  open(now: number, checksWait: boolean): void {
    if (this.#waiting.length === 0 || this.#coolDown.until > now) return
    const available = this.#budget.available(now)
    let reads = checksWait ? Math.ceil(available / 2) : available
    for (const waiting of this.#waiting.slice()) {
      const isRead = waiting.kind === 'read'
      if (isRead && reads === 0) continue
      waiting.ownerFreeAt = this.#admitOf(waiting.owner, now, checksWait)
      if (waiting.ownerFreeAt > now) continue
      if (isRead) {
        reads -= 1
        this.#budget.spend(now, 1)
      }
      waiting.proceed()
    }
  }

  /** Counts a request against its team or chat. @returns 0 if it may leave now, otherwise from when on it may */
  #admitOf(owner: OperationOwner | undefined, now: number, checksWait: boolean): number {
    if (!owner) return 0
    const key = keyOf(owner)
    const pacedUntil = this.#pacedUntil.get(key) ?? 0
    if (pacedUntil > now) return pacedUntil
    const waitUntil = this.#budget.admit({ owner }, now)
    if (waitUntil > 0) return waitUntil
    for (const [other, until] of this.#pacedUntil) if (until <= now) this.#pacedUntil.delete(other)
    if (checksWait) this.#pacedUntil.set(key, now + (2 * PULSE_MS) / limitOf(owner))
    return 0
  }

  close(): void {
    this.#closed = true
    for (const { refuse } of this.#waiting.slice()) refuse(new ClientDisposedError())
  }
}
