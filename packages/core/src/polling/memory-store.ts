import type { OperationRef } from '../operation/operation-ref.ts'
import type { OperationState, PollingProblem } from '../operation/operation-state.ts'
import { isTerminal } from '../operation/teams-async-operation.ts'
import { DueQueue, type Due } from './due-queue.ts'
import type {
  CheckOutcome,
  ClaimRequest,
  OpenRequest,
  OperationMemory,
  OperationStore,
} from './operation-store.ts'
import { keyOf, limitOf } from './request-budget.ts'

/** How long an operation is remembered that nobody follows. */
const RETAINED_MS = 600_000
/** How many such operations are remembered beyond {@link MIN_RETAINED_MS}. */
const RETAINED_COUNT = 10_000
/** What is remembered in any case, or the 30 seconds between two checks could not be kept. */
const MIN_RETAINED_MS = 60_000

/** An operation, mutable here and nowhere else. One object each: there may be 100,000. */
class Entry implements OperationMemory, Due {
  readonly ref: OperationRef
  readonly startedAt: number
  state: OperationState | undefined = undefined
  lastEndedAt: number | undefined = undefined
  checks = 0
  failures = 0
  problem: PollingProblem | undefined = undefined
  dueAt: number
  queueIndex = -1
  queue: DueQueue<Entry> | undefined = undefined
  followed = false
  claimed = false

  constructor({ ref, startedAt, dueAt }: OpenRequest) {
    this.ref = ref
    this.startedAt = startedAt
    this.dueAt = dueAt
  }
}

/** Operations of one team or chat that are due but for its limit. */
class Lane {
  readonly first: DueQueue<Entry> = new DueQueue()
  readonly repeated: DueQueue<Entry> = new DueQueue()
  /** How many may be asked for at once. */
  readonly limit: number
  freeAt = 0

  constructor(limit: number) {
    this.limit = limit
  }
}

/**
 * Remembers in the memory of this process. Operations that nobody follows are forgotten after ten minutes,
 * and only when others come or go: nothing here needs a timer.
 */
export class MemoryStore implements OperationStore {
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #first = new DueQueue<Entry>()
  readonly #repeated = new DueQueue<Entry>()
  readonly #lanes = new Map<string, Lane>()
  /** Since when nobody follows them, the longest at rest first. */
  readonly #restingSince = new Map<Entry, number>()
  /** Whose turn it is when both first checks and repeated ones wait. */
  #firstIsNext = true

  constructor(now: () => number) {
    this.#now = now
  }

  async open(request: OpenRequest): Promise<OperationMemory> {
    const { location } = request.ref
    const known = this.#entries.get(location)
    const entry = known ?? new Entry(request)
    if (!known) this.#entries.set(location, entry)
    if (request.follow && !hasEnded(entry)) {
      entry.followed = true
      this.#restingSince.delete(entry)
      if (!entry.claimed && !entry.queue) {
        // It was not due while nobody followed it.
        entry.dueAt = Math.max(entry.dueAt, request.dueAt)
        this.#enqueue(entry)
      }
    } else if (!entry.followed) {
      this.#putToRest(entry)
    }
    this.#forgetTheRested()
    return entry
  }

  async recall(location: string): Promise<OperationMemory | undefined> {
    return this.#entries.get(location)
  }

  async rest(location: string): Promise<void> {
    const entry = this.#entries.get(location)
    if (!entry) return
    this.#dequeue(entry)
    this.#putToRest(entry)
    this.#forgetTheRested()
  }

  async claim({
    now,
    limit,
    waitUntil: waitForOthers,
    admit,
  }: ClaimRequest): Promise<readonly OperationMemory[]> {
    this.#reopenLanes(now)
    const claimed: Entry[] = []
    while (claimed.length < limit) {
      const entry = this.#nextDue(now)
      if (!entry) break
      const turnAt = waitForOthers(entry.ref)
      if (turnAt > now) {
        entry.dueAt = turnAt
        this.#enqueue(entry)
        continue
      }
      const waitUntil = admit(entry.ref)
      if (waitUntil > 0) {
        this.#park(entry, waitUntil)
        continue
      }
      this.#takeTurn(entry, now)
      entry.claimed = true
      claimed.push(entry)
    }
    return claimed
  }

  async release(locations: readonly string[]): Promise<void> {
    for (const location of locations) {
      const entry = this.#entries.get(location)
      if (!entry) continue
      entry.claimed = false
      if (entry.followed) this.#enqueue(entry)
    }
  }

  async settle(outcomes: readonly CheckOutcome[]): Promise<void> {
    for (const outcome of outcomes) {
      const entry = this.#entries.get(outcome.ref.location)
      if (!entry) continue
      entry.claimed = false
      entry.state = outcome.state
      entry.lastEndedAt = outcome.lastEndedAt
      entry.checks = outcome.checks
      entry.failures = outcome.failures
      entry.problem = outcome.problem
      entry.dueAt = outcome.dueAt
      if (outcome.done) this.#putToRest(entry)
      else if (entry.followed) this.#enqueue(entry)
    }
  }

  async nextDueAt(): Promise<number | undefined> {
    let next = Math.min(this.#first.peek()?.dueAt ?? Infinity, this.#repeated.peek()?.dueAt ?? Infinity)
    for (const [key, lane] of this.#lanes) {
      if (lane.first.size + lane.repeated.size === 0) this.#lanes.delete(key)
      else next = Math.min(next, lane.freeAt)
    }
    return next === Infinity ? undefined : next
  }

  /** The next entry that is due, taken out of its queue. */
  #nextDue(now: number): Entry | undefined {
    const first = this.#first.peek()
    const repeated = this.#repeated.peek()
    const firstWaits = first !== undefined && first.dueAt <= now
    const repeatedWaits = repeated !== undefined && repeated.dueAt <= now
    if (!firstWaits && !repeatedWaits) return undefined
    const takeFirst = firstWaits && (this.#firstIsNext || !repeatedWaits)
    const entry = takeFirst ? first : (repeated as Entry)
    this.#dequeue(entry)
    return entry
  }

  /** Passes the turn on, but only for what goes: one that has to step aside has not had it. */
  #takeTurn(entry: Entry, now: number): void {
    const isFirst = entry.checks === 0
    const other = (isFirst ? this.#repeated : this.#first).peek()
    if (other && other.dueAt <= now) this.#firstIsNext = !isFirst
  }

  #enqueue(entry: Entry): void {
    this.#enter(entry, entry.checks === 0 ? this.#first : this.#repeated)
  }

  #enter(entry: Entry, queue: DueQueue<Entry>): void {
    entry.queue = queue
    queue.add(entry)
  }

  #dequeue(entry: Entry): void {
    entry.queue?.remove(entry)
    entry.queue = undefined
  }

  #park(entry: Entry, freeAt: number): void {
    const key = keyOf(entry.ref.owner)
    let lane = this.#lanes.get(key)
    if (!lane) this.#lanes.set(key, (lane = new Lane(limitOf(entry.ref.owner))))
    lane.freeAt = freeAt
    this.#enter(entry, entry.checks === 0 ? lane.first : lane.repeated)
  }

  /** Lets as many of each lane back into the queues as its team or chat may be asked for at once. */
  #reopenLanes(now: number): void {
    for (const lane of this.#lanes.values()) {
      if (lane.freeAt > now) continue
      for (let count = 0; count < lane.limit; count++) {
        const entry = earlier(lane.first.peek(), lane.repeated.peek())
        if (!entry) break
        this.#dequeue(entry)
        this.#enqueue(entry)
      }
    }
  }

  #putToRest(entry: Entry): void {
    entry.followed = false
    this.#restingSince.delete(entry)
    this.#restingSince.set(entry, this.#now())
  }

  #forgetTheRested(): void {
    const now = this.#now()
    for (const [entry, since] of this.#restingSince) {
      const restedMs = now - Math.max(since, entry.lastEndedAt ?? 0)
      const crowded = this.#restingSince.size > RETAINED_COUNT && restedMs >= MIN_RETAINED_MS
      if (entry.claimed || (restedMs < RETAINED_MS && !crowded)) break
      this.#restingSince.delete(entry)
      this.#entries.delete(entry.ref.location)
    }
  }
}

function hasEnded({ state }: OperationMemory): boolean {
  return state !== undefined && isTerminal(state.operation.status)
}

function earlier(a: Entry | undefined, b: Entry | undefined): Entry | undefined {
  if (!a || !b) return a ?? b
  return b.dueAt < a.dueAt ? b : a
}
