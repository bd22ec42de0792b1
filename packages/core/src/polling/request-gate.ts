import { ClientDisposedError } from './client-disposed-error.ts'
import type { CoolDown } from './cool-down.ts'
import type { RequestBudget } from './request-budget.ts'

interface Waiting {
  readonly kind: 'read' | 'start'
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
  #closed = false

  constructor(budget: RequestBudget, coolDown: CoolDown, onChange: () => void) {
    this.#budget = budget
    this.#coolDown = coolDown
    this.#onChange = onChange
  }

  get isWaitedAt(): boolean {
    return this.#waiting.length > 0
  }

  /**
   * Waits until no pause is under way and, for a read, until the budget has room. Rejects when `signal`
   * aborts or the gate is closed.
   */
  enter(kind: 'read' | 'start', signal?: AbortSignal): Promise<void> {
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
    for (const { kind, proceed } of this.#waiting.slice()) {
      if (kind === 'read') {
        if (reads === 0) continue
        reads -= 1
        this.#budget.spend(now, 1)
      }
      proceed()
    }
  }

  close(): void {
    this.#closed = true
    for (const { refuse } of this.#waiting.slice()) refuse(new ClientDisposedError())
  }
}
