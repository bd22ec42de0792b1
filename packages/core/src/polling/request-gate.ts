import type { OperationOwner } from '../operation/operation-ref.ts'
import { ClientDisposedError } from './client-disposed-error.ts'
import type { CoolDown } from './cool-down.ts'
import { keyOf, limitOf, PULSE_MS, type RequestBudget } from './request-budget.ts'
import { WaitingLine, type Waiting } from './waiting-line.ts'

type Kind = 'read' | 'start'

interface Entrant extends Waiting {
  readonly kind: Kind
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
  readonly #lines: Readonly<Record<Kind, WaitingLine<Entrant>>> = {
    read: new WaitingLine(),
    start: new WaitingLine(),
  }
  /** Teams and chats whose checks come first until then. */
  readonly #pacedUntil = new Map<string, number>()
  #entered = 0
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
    const readAt = this.#lines.read.freeAt()
    const startAt = this.#lines.start.freeAt()
    if (readAt === undefined) return startAt
    return Math.min(Math.max(readAt, readsFrom), startAt ?? Infinity)
  }

  /**
   * Waits until no pause is under way, until its team or chat has room, and for a read also the budget.
   * Rejects when `signal` aborts or the gate is closed.
   */
  enter(kind: Kind, signal?: AbortSignal, owner?: OperationOwner): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new ClientDisposedError()
      signal?.throwIfAborted()
      const line = this.#lines[kind]
      const onAbort = (): void => {
        entrant.refuse(signal?.reason)
        this.#onChange()
      }
      const entrant: Entrant = {
        number: this.#entered++,
        kind,
        owner,
        proceed: () => {
          signal?.removeEventListener('abort', onAbort)
          line.remove(entrant)
          resolve()
        },
        refuse: (reason) => {
          line.remove(entrant)
          reject(reason)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      line.add(entrant)
      this.#onChange()
    })
  }

  /** Lets in whom there is room for: reads have at most half of it where checks want it too. */
  open(now: number, checksWait: boolean): void {
    if (this.#coolDown.until > now) return
    const available = this.#budget.available(now)
    let reads = checksWait ? Math.ceil(available / 2) : available
    for (const line of Object.values(this.#lines)) line.reopen(now)
    for (let next = this.#next(reads); next; next = this.#next(reads)) {
      const freeAt = this.#admitOf(next.owner, now, checksWait)
      if (freeAt > now) {
        this.#lines[next.kind].close(next, freeAt)
        continue
      }
      if (next.kind === 'read') {
        reads -= 1
        this.#budget.spend(now, 1)
      }
      next.proceed()
    }
  }

  /** Whose turn it is, with so many reads possible. */
  #next(reads: number): Entrant | undefined {
    const start = this.#lines.start.first()
    const read = reads > 0 ? this.#lines.read.first() : undefined
    if (!start || !read) return start ?? read
    return start.number < read.number ? start : read
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
    const waiting = Object.values(this.#lines).flatMap((line) => [...line])
    for (const { refuse } of waiting) refuse(new ClientDisposedError())
  }
}
