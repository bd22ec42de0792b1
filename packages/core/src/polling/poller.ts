import type { Clock } from '../clock.ts'
import type { Answer, MissingAnswer } from '../graph/answer.ts'
import { MAX_BATCH_ITEMS } from '../graph/batch.ts'
import { versionOf, type OperationOwner, type OperationRef } from '../operation/operation-ref.ts'
import type { OperationState } from '../operation/operation-state.ts'
import type { CheckReport } from './check-report.ts'
import { CheckSchedule } from './check-schedule.ts'
import { ClientDisposedError } from './client-disposed-error.ts'
import { StatsRecorder, type ClientStats } from './client-stats.ts'
import { conclude, type Conclusion } from './conclusion.ts'
import type { CoolDown } from './cool-down.ts'
import type { OperationMemory, OperationStore } from './operation-store.ts'
import { Quota } from './quota.ts'
import type { RequestBudget } from './request-budget.ts'
import { RequestGate } from './request-gate.ts'
import { judge, type Verdict } from './verdict.ts'

/** How long a state stands for the present one. */
const FRESH_MS = 30_000

export interface OperationReader {
  /** One request for up to 20 operations of one version. The answers come in the order of `refs`. */
  read(refs: readonly OperationRef[], signal: AbortSignal): Promise<readonly Answer[]>
}

export interface PollerOptions {
  readonly reader: OperationReader
  readonly store: OperationStore
  readonly clock: Clock
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number
  readonly intervalMs: number
  readonly alignMs: number
  readonly firstCheckDelayMs: number
  readonly quotaShare: number
  /** Shared with other clients; otherwise one of its own, of `quotaShare`. */
  readonly quota?: Quota | undefined
  /** Told of all checks of a response at once. Must not throw. */
  readonly report: (reports: readonly CheckReport[]) => void
  /** Told for how long nothing will be sent, whenever that becomes longer. Must not throw. */
  readonly onPause?: ((pauseMs: number) => void) | undefined
}

/**
 * The one loop that checks operations. It takes what is due and within the budget, reads it, and has the
 * store remember what came and when to ask again. At most one timer is set, and none while nothing waits.
 *
 * The 30 seconds are kept by the store's order of things: an operation that is being checked is not due, and
 * becomes due again only counted from the end of the response.
 */
export class Poller {
  readonly #options: PollerOptions
  readonly #schedule: CheckSchedule
  readonly #budget: RequestBudget
  readonly #coolDown: CoolDown
  readonly #gate: RequestGate
  readonly #stats = new StatsRecorder()
  readonly #inFlight = new Set<AbortController>()
  /** No checks before this: the whole budget was spent, and what comes back together travels together. */
  #nextPulseAt = 0
  #cancelTimer: (() => void) | undefined
  #pumping = false
  #wokenMeanwhile = false
  #disposed = false

  constructor(options: PollerOptions) {
    this.#options = options
    this.#schedule = new CheckSchedule(options)
    const { budget, coolDown } = options.quota ?? new Quota(options.quotaShare, options.random)
    this.#budget = budget
    this.#coolDown = coolDown
    this.#gate = new RequestGate(this.#budget, this.#coolDown, () => this.#wake())
  }

  /** Checks the operation from now on. Resolves to what is known of it. */
  async follow(ref: OperationRef): Promise<OperationMemory> {
    const now = this.#now()
    const memory = await this.#options.store.open({ ref, startedAt: now, dueAt: now, follow: true })
    this.#wake()
    return memory
  }

  /** Checks the operation no more; what is known of it stays for a while. */
  async unfollow(location: string): Promise<void> {
    this.#options.quota?.floor.leave(location, this)
    await this.#options.store.rest(location)
    this.#wake()
  }

  /** Remembers an operation that was started just now, so that its first check waits until it is worth it. */
  async remember(ref: OperationRef): Promise<void> {
    const now = this.#now()
    const dueAt = now + this.#options.firstCheckDelayMs
    await this.#options.store.open({ ref, startedAt: now, dueAt, follow: false })
  }

  /**
   * What is known of the operation, whether that was checked so lately that it may stand for now, and for how
   * long no check of anything will be made.
   */
  async recall(location: string): Promise<{
    readonly state: OperationState | undefined
    readonly fresh: boolean
    readonly pauseMs: number
  }> {
    const memory = await this.#options.store.recall(location)
    const now = this.#now()
    const pauseMs = Math.max(0, this.#coolDown.until - now)
    if (memory?.lastEndedAt === undefined || memory.failures > 0) {
      return { state: memory?.state, fresh: false, pauseMs }
    }
    // A pause may put the next check off for much longer.
    const freshUntil = Math.min(memory.dueAt, memory.lastEndedAt + FRESH_MS)
    return { state: memory.state, fresh: now < freshUntil, pauseMs }
  }

  /** Waits for leave to send one request outside polling. See {@link RequestGate.enter}. */
  admit(kind: 'read' | 'start', signal?: AbortSignal, owner?: OperationOwner): Promise<void> {
    return this.#gate.enter(kind, signal, owner)
  }

  /** A request outside polling was throttled: what holds it back holds everybody back. */
  throttled(retryAfterMs: number | undefined): void {
    this.#pause(this.#now(), retryAfterMs)
    this.#wake()
  }

  stats(): Omit<ClientStats, 'followed'> {
    const readsPerSecond = (this.#budget.capacity * 1000) / this.#budget.windowMs
    const used = this.#budget.capacity - this.#budget.available(this.#now())
    return { ...this.#stats.read(), pausedMs: this.#coolDown.pausedMs, budget: { readsPerSecond, used } }
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.#cancelTimer?.()
    this.#gate.close()
    this.#options.quota?.floor.leaveAll(this)
    for (const controller of this.#inFlight) controller.abort(new ClientDisposedError())
  }

  /** Monotonic, in whole milliseconds; rounded so that no interval is ever taken for longer than it is. */
  #now(): number {
    return Math.floor(this.#options.clock.monotonic())
  }

  #wake(): void {
    if (this.#disposed) return
    if (this.#pumping) this.#wokenMeanwhile = true
    else void this.#pump()
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    do {
      this.#wokenMeanwhile = false
      this.#cancelTimer?.()
      this.#cancelTimer = undefined
      let wakeAt: number | undefined
      try {
        wakeAt = await this.#pulse()
      } catch {
        // The store is out of reach: what it remembers is the guard of the 30 seconds, so nothing goes
        // without it. Nobody can be told here; its owner's own monitoring is.
        this.#pause(this.#now())
        wakeAt = this.#coolDown.until
      }
      if (wakeAt !== undefined && !this.#wokenMeanwhile && !this.#disposed) this.#setTimer(wakeAt)
    } while (this.#wokenMeanwhile && !this.#disposed)
    this.#pumping = false
  }

  #setTimer(wakeAt: number): void {
    this.#cancelTimer = this.#options.clock.timer(wakeAt - this.#options.clock.monotonic(), () =>
      this.#wake(),
    )
  }

  /** Sends what may leave now. @returns when there may be more; `undefined` when nothing waits. */
  async #pulse(): Promise<number | undefined> {
    const dueAt = await this.#options.store.nextDueAt()
    const now = this.#now()
    const { until } = this.#coolDown
    if (until > now) return this.#wakeAfter(until, dueAt, until)
    this.#gate.open(now, dueAt !== undefined && dueAt <= now)
    if (dueAt === undefined || dueAt > now || this.#nextPulseAt > now || this.#budget.available(now) === 0) {
      return this.#wakeAfter(Math.max(this.#nextPulseAt, this.#budget.freeAt(now)), dueAt)
    }
    await this.#checkDue(now)
    const after = Math.max(this.#nextPulseAt, this.#budget.freeAt(now))
    return this.#wakeAfter(after, await this.#options.store.nextDueAt())
  }

  /** When there is something to do, with reads possible from `readsFrom` on, and anything from `from` on. */
  #wakeAfter(readsFrom: number, dueAt: number | undefined, from = 0): number | undefined {
    const wantedAt = this.#gate.wantedAt(readsFrom)
    const checksAt = dueAt === undefined ? undefined : Math.max(readsFrom, dueAt)
    if (wantedAt === undefined && checksAt === undefined) return undefined
    return Math.max(from, Math.min(wantedAt ?? Infinity, checksAt ?? Infinity))
  }

  async #checkDue(now: number): Promise<void> {
    const { store } = this.#options
    const claimed = await this.#claim(now)
    if (this.#coolDown.until > now || this.#disposed) {
      // A pause began while they were claimed: nothing may leave.
      for (const { ref } of claimed) this.#options.quota?.floor.cancel(ref.location)
      await store.release(claimed.map(({ ref }) => ref.location))
      return
    }
    if (this.#budget.available(now) === 0) this.#nextPulseAt = now + this.#budget.windowMs
    for (const group of Object.values(Object.groupBy(claimed, ({ ref }) => versionOf(ref)))) {
      for (let start = 0; start < group.length; start += MAX_BATCH_ITEMS) {
        void this.#check(group.slice(start, start + MAX_BATCH_ITEMS), now)
      }
    }
  }

  async #claim(now: number): Promise<readonly OperationMemory[]> {
    const { store, quota, intervalMs } = this.#options
    const admitted: OperationRef[] = []
    try {
      return await store.claim({
        now,
        limit: this.#budget.available(now),
        waitUntil: ({ location }) => quota?.floor.waitUntil(location, this, now, intervalMs) ?? 0,
        admit: (ref) => {
          const waitUntil = this.#admit(ref, now)
          if (waitUntil === 0) admitted.push(ref)
          return waitUntil
        },
      })
    } catch (error) {
      for (const { location } of admitted) quota?.floor.cancel(location)
      throw error
    }
  }

  /** Spends what a check takes at once: who shares the quota may ask before this one is sent. */
  #admit(ref: OperationRef, now: number): number {
    if (this.#budget.available(now) === 0) return this.#budget.freeAt(now)
    const waitUntil = this.#budget.admit(ref, now)
    if (waitUntil > 0) return waitUntil
    this.#budget.spend(now, 1)
    this.#options.quota?.floor.begin(ref.location, this)
    return 0
  }

  /** One request, and what follows from it. Never rejects. */
  async #check(memories: readonly OperationMemory[], now: number): Promise<void> {
    this.#stats.request(memories.length)
    const { quota, intervalMs } = this.#options
    for (const { dueAt } of memories) this.#stats.waited(now - dueAt)
    const answers = await this.#read(memories.map(({ ref }) => ref))
    const endedAt = Math.ceil(this.#options.clock.monotonic())
    for (const { ref } of memories) quota?.floor.end(ref.location, endedAt, intervalMs)
    if (this.#disposed) return
    const verdicts = answers.map((answer, index) =>
      judge(answer, memories[index] as OperationMemory, endedAt),
    )
    this.#holdBack(verdicts, endedAt)
    const conclusions = this.#conclude(memories, verdicts, endedAt)
    try {
      await this.#options.store.settle(conclusions.map(({ outcome }) => outcome))
    } catch {
      this.#pause(endedAt)
    }
    if (!this.#disposed) this.#options.report(conclusions.map(({ report }) => report))
    this.#wake()
  }

  async #read(refs: readonly OperationRef[]): Promise<readonly Answer[]> {
    const controller = new AbortController()
    this.#inFlight.add(controller)
    try {
      const answers = await this.#options.reader.read(refs, controller.signal)
      return refs.map((_, index) => answers[index] ?? missing(new RangeError('There was no answer to it')))
    } catch (error) {
      return refs.map(() => missing(error))
    } finally {
      this.#inFlight.delete(controller)
    }
  }

  /** Pauses everybody where an answer asks for it, or where a request failed as a whole. */
  #holdBack(verdicts: readonly Verdict[], endedAt: number): void {
    const failures = verdicts.filter((verdict) => verdict.kind === 'failed')
    const retryAfterMs = Math.max(0, ...failures.map((failure) => failure.retryAfterMs ?? 0))
    const throttled = failures.some(({ code }) => code === 'throttled')
    const passedNothing =
      failures.length === verdicts.length && failures.every(({ code }) => outages.has(code))
    if (retryAfterMs > 0) this.#pause(endedAt, retryAfterMs)
    if ((throttled && retryAfterMs === 0) || passedNothing) this.#pause(endedAt)
    else if (!throttled) this.#coolDown.recover()
  }

  /** Lets nothing leave for as long as Graph asked for, or else for longer with each failure in a row. */
  #pause(now: number, retryAfterMs?: number): void {
    const before = this.#coolDown.until
    if (retryAfterMs === undefined) this.#coolDown.backOff(now)
    else this.#coolDown.pause(now, retryAfterMs)
    const { until } = this.#coolDown
    if (until > before) this.#options.onPause?.(until - now)
  }

  #conclude(
    memories: readonly OperationMemory[],
    verdicts: readonly Verdict[],
    endedAt: number,
  ): Conclusion[] {
    const nextAt = this.#schedule.next(endedAt)
    const endedAtTimeOfDay = this.#options.clock.now()
    return memories.map((memory, index) => {
      const verdict = verdicts[index] as Verdict
      const backoffMs =
        verdict.kind === 'failed' && backedOff.has(verdict.code)
          ? this.#schedule.backoffMs(memory.failures + 1)
          : 0
      const askedMs = verdict.kind === 'found' ? (verdict.retryAfterMs ?? 0) : 0
      const ownAt = Math.max(nextAt + Math.ceil(backoffMs), endedAt + Math.ceil(askedMs))
      const dueAt = Math.max(ownAt, this.#coolDown.until)
      const conclusion = conclude(memory, verdict, { endedAt, dueAt, endedAtTimeOfDay })
      this.#record(memory, verdict, conclusion, endedAt)
      return conclusion
    })
  }

  #record(memory: OperationMemory, verdict: Verdict, { report }: Conclusion, endedAt: number): void {
    this.#stats.outcome(outcomeOf(verdict))
    if (report.kind === 'found' && report.changed && memory.lastEndedAt !== undefined) {
      this.#stats.detected(endedAt - memory.lastEndedAt)
    }
  }
}

/** Problems that all operations share: when nothing else comes back, sending more would not help. */
const outages: ReadonlySet<string> = new Set(['graph-unavailable', 'no-connection', 'no-answer', 'no-token'])

/** Problems that the operation's own next check waits longer for. */
const backedOff: ReadonlySet<string> = new Set([...outages, 'unusable-body'])

function outcomeOf(verdict: Verdict): keyof ClientStats['outcomes'] {
  switch (verdict.kind) {
    case 'found':
      return 'found'
    case 'failed':
      return verdict.code
    case 'given-up':
      return verdict.reason
  }
}

function missing(error: unknown): MissingAnswer {
  return { kind: 'missing', reason: 'no-connection', error }
}
