import type { Clock } from '@teams-operations/core/testing'
import type { OperationFailure, OperationPlan } from './operation-script.ts'
import { operationKey, type OwnerKind } from './resource-id.ts'
import { laterBy } from './timestamp.ts'

export interface OperationIdentity {
  readonly id: string
  /** Graph's name, whatever a client without the `Prefer` header gets to see. */
  readonly operationType: string
  readonly ownerKind: OwnerKind
  readonly ownerId: string
  readonly createdDateTime: string
  readonly targetResourceId: string | null
  readonly targetResourceLocation: string | null
  /** The undeclared property that real operations carry: a string of JSON, given its `Status`. */
  readonly value: (status: string) => string
}

/** What an operation shows of itself at one moment. */
export interface OperationView {
  readonly status: string
  readonly lastActionDateTime: string
  readonly attemptsCount: number
  readonly error: OperationFailure | null
}

/**
 * One operation of the simulated tenant. It has no timer: what it is follows from its plan and the clock
 * whenever somebody looks, so that a hundred thousand of them cost nothing while nobody does.
 */
export class SimulatedOperation {
  readonly identity: OperationIdentity
  readonly startedAt: number
  readonly #clock: Clock
  #plan: OperationPlan
  #settledAt: number
  #purged = false

  constructor(identity: OperationIdentity, plan: OperationPlan, startedAt: number, clock: Clock) {
    this.identity = identity
    this.startedAt = startedAt
    this.#clock = clock
    this.#plan = plan
    this.#settledAt = plan.outcome === 'stuck' ? Infinity : startedAt + (plan.steps.at(-1)?.untilMs ?? 0)
  }

  get id(): string {
    return this.identity.id
  }

  get operationType(): string {
    return this.identity.operationType
  }

  /** One spelling for every operation, GUIDs in lower case: how the journal calls it. */
  get key(): string {
    const { ownerKind, ownerId, id } = this.identity
    return operationKey(ownerKind, ownerId, id)
  }

  /** As the recorded traffic spells it. */
  get location(): string {
    const { ownerKind, ownerId, id } = this.identity
    return `/${ownerKind}s('${ownerId}')/operations('${id}')`
  }

  get status(): string {
    return this.view().status
  }

  get isSettled(): boolean {
    return this.#settledAt <= this.#clock.monotonic()
  }

  /** When it ends, or ended, on the monotonic clock; `Infinity` for one that is stuck. */
  get settlesAt(): number {
    return this.#settledAt
  }

  /** Since when it has succeeded, on the monotonic clock; `undefined` as long as it has not. */
  get succeededAt(): number | undefined {
    return this.#plan.outcome === 'succeeded' && this.isSettled ? this.#settledAt : undefined
  }

  /** Whether what it created or changed shows: some time after its success, if the script says so. */
  get isTargetUsable(): boolean {
    const { succeededAt } = this
    return succeededAt !== undefined && this.#clock.monotonic() >= succeededAt + this.#plan.targetDelayMs
  }

  /** Not readable yet, readable, or no longer. */
  get presence(): 'replicating' | 'present' | 'purged' {
    const now = this.#clock.monotonic()
    if (this.#purged) return 'purged'
    if (now < this.startedAt + this.#plan.replicationMs) return 'replicating'
    const purgedFrom = this.#plan.outcome === 'stuck' ? this.startedAt : this.#settledAt
    return now < purgedFrom + this.#plan.purgeAfterMs ? 'present' : 'purged'
  }

  get purgeStatus(): 404 | 410 {
    return this.#plan.purgeStatus
  }

  view(): OperationView {
    const { steps, outcome, error, attemptsCount } = this.#plan
    const { createdDateTime, ownerKind } = this.identity
    if (this.isSettled) {
      // Recorded operations of teams never move their `lastActionDateTime`; the documented one of a chat does.
      const lastActionDateTime =
        ownerKind === 'chat' ? laterBy(createdDateTime, this.#settledAt - this.startedAt) : createdDateTime
      return { status: outcome, lastActionDateTime, attemptsCount, error }
    }
    const ageMs = this.#clock.monotonic() - this.startedAt
    const step = steps.find(({ untilMs }) => ageMs < untilMs) ?? steps.at(-1)
    return {
      status: step?.status ?? 'notStarted',
      lastActionDateTime: createdDateTime,
      attemptsCount: step?.attemptsCount ?? attemptsCount,
      error: null,
    }
  }

  /** Ends it now, whatever its script says. */
  succeed(): void {
    this.#settle({ ...this.#plan, outcome: 'succeeded', error: null })
  }

  /** Ends it now, whatever its script says. */
  fail(error: OperationFailure | null): void {
    this.#settle({ ...this.#plan, outcome: 'failed', error })
  }

  /** Makes it unreadable from now on. */
  purge(status: 404 | 410 = 404): void {
    this.#purged = true
    this.#plan = { ...this.#plan, purgeStatus: status }
  }

  #settle(plan: OperationPlan): void {
    this.#plan = plan
    this.#settledAt = this.#clock.monotonic()
  }
}
