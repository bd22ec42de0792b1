import type { OperationOwner } from '../operation/operation-ref.ts'
import { DueQueue, type Due } from './due-queue.ts'
import { keyOf } from './request-budget.ts'

/** A request that waits in a {@link WaitingLine}. */
export interface Waiting {
  /** The later it came, the higher. */
  readonly number: number
  /** The team or chat that it counts against, if any. */
  readonly owner: OperationOwner | undefined
}

/** Those who wait for the same team or chat, in the order in which they came. */
class Lane<Request extends Waiting> implements Due {
  readonly key: string
  readonly waiting = new Set<Request>()
  /** The number of the first one in the queue of lanes that are open; in the other when it opens. */
  dueAt = 0
  queueIndex = -1
  queue: DueQueue<Lane<Request>> | undefined

  constructor(key: string) {
    this.key = key
  }

  get first(): Request | undefined {
    for (const first of this.waiting) return first
    return undefined
  }
}

/**
 * Who waits, in the order in which they came, but for those whose team or chat has no room: they are in
 * nobody's way. Whatever happens to one of them takes O(log n): a client that asked for tens of thousands of
 * lists may leave before it has got any.
 */
export class WaitingLine<Request extends Waiting> {
  /** What counts against no team or chat has a lane as well, which is never closed. */
  readonly #lanes = new Map<string, Lane<Request>>()
  readonly #open = new DueQueue<Lane<Request>>()
  readonly #closed = new DueQueue<Lane<Request>>()

  add(request: Request): void {
    const key = laneOf(request)
    let lane = this.#lanes.get(key)
    if (!lane) this.#lanes.set(key, (lane = new Lane(key)))
    lane.waiting.add(request)
    if (!lane.queue) this.#enter(lane, this.#open, request.number)
  }

  /** Harmless when it does not wait. */
  remove(request: Request): void {
    const lane = this.#lanes.get(laneOf(request))
    if (!lane) return
    const wasFirst = lane.first === request
    if (!lane.waiting.delete(request) || !wasFirst) return
    const { first } = lane
    if (!first) {
      this.#lanes.delete(lane.key)
      this.#leave(lane)
    } else if (lane.queue === this.#open) {
      this.#leave(lane)
      this.#enter(lane, this.#open, first.number)
    }
  }

  /** The first of those whose team or chat is not known to be without room. */
  first(): Request | undefined {
    return this.#open.peek()?.first
  }

  /** The team or chat of the request has no room before then. */
  close(request: Request, until: number): void {
    const lane = this.#lanes.get(laneOf(request))
    if (!lane) return
    this.#leave(lane)
    this.#enter(lane, this.#closed, until)
  }

  /** Brings those back whose team or chat may have room again. */
  reopen(now: number): void {
    for (let lane = this.#closed.peek(); lane && lane.dueAt <= now; lane = this.#closed.peek()) {
      this.#leave(lane)
      this.#enter(lane, this.#open, lane.first?.number ?? 0)
    }
  }

  /** From when on any of them may leave, as far as teams and chats are concerned; `undefined` for none. */
  freeAt(): number | undefined {
    return this.#open.size > 0 ? 0 : this.#closed.peek()?.dueAt
  }

  /** Everybody, in no order. */
  *[Symbol.iterator](): Iterator<Request> {
    for (const { waiting } of this.#lanes.values()) yield* waiting
  }

  #enter(lane: Lane<Request>, queue: DueQueue<Lane<Request>>, dueAt: number): void {
    lane.dueAt = dueAt
    lane.queue = queue
    queue.add(lane)
  }

  #leave(lane: Lane<Request>): void {
    lane.queue?.remove(lane)
    lane.queue = undefined
  }
}

/** No id of a team or chat is empty. */
const NO_OWNER = ''

function laneOf({ owner }: Waiting): string {
  return owner ? keyOf(owner) : NO_OWNER
}
