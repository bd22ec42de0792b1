import type { Clock } from '../../src/clock.ts'
import type { Answer, RefusedAnswer } from '../../src/graph/answer.ts'
import type { OperationRef } from '../../src/operation/operation-ref.ts'
import type { OperationReader } from '../../src/polling/poller.ts'
import { operationOf } from '../states.ts'

export interface SeenRequest {
  readonly startedAt: number
  endedAt: number | undefined
  readonly locations: readonly string[]
}

/** What a test's Graph says of an operation; `undefined` leaves the request without an answer. */
export type Say = (ref: OperationRef, check: number) => Answer | undefined

/** Plays Graph, and writes down who asked when. */
export class ScriptedReader implements OperationReader {
  readonly requests: SeenRequest[] = []
  readonly #clock: Clock
  readonly #say: Say
  readonly #latencyMs: () => number
  readonly #checks = new Map<string, number>()

  constructor(clock: Clock, say: Say = (ref) => found(ref), latencyMs: () => number = () => 0) {
    this.#clock = clock
    this.#say = say
    this.#latencyMs = latencyMs
  }

  read(refs: readonly OperationRef[], signal: AbortSignal): Promise<readonly Answer[]> {
    const request: SeenRequest = {
      startedAt: this.#clock.monotonic(),
      endedAt: undefined,
      locations: refs.map(({ location }) => location),
    }
    this.requests.push(request)
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      const answer = (): void => {
        const answers = refs.map((ref) => this.#say(ref, this.#count(ref)))
        if (!answers.every((each) => each !== undefined)) return
        request.endedAt = this.#clock.monotonic()
        resolve(answers)
      }
      const latencyMs = this.#latencyMs()
      if (latencyMs === 0) answer()
      else this.#clock.timer(latencyMs, answer)
    })
  }

  /** When the operation was asked for, and when the answer had come. */
  checksOf({ location }: OperationRef): SeenRequest[] {
    return this.requests.filter(({ locations }) => locations.includes(location))
  }

  /** The shortest time from the end of an answer to the next request for the same operation. */
  shortestGapMs(): number {
    const lastEnd = new Map<string, number>()
    let shortest = Infinity
    for (const { startedAt, endedAt, locations } of this.requests) {
      for (const location of locations) {
        shortest = Math.min(shortest, startedAt - (lastEnd.get(location) ?? -Infinity))
        lastEnd.set(location, endedAt ?? Infinity)
      }
    }
    return shortest
  }

  #count({ location }: OperationRef): number {
    const check = (this.#checks.get(location) ?? 0) + 1
    this.#checks.set(location, check)
    return check
  }
}

export const found = (ref: OperationRef, status = 'inProgress'): Answer => ({
  kind: 'operation',
  operation: operationOf(ref, status),
  requestId: 'r',
  retryAfterMs: undefined,
})

export const refused = (status: number, more: Partial<RefusedAnswer> = {}): Answer => ({
  kind: 'refused',
  status,
  code: 'Code',
  message: 'Message',
  requestId: `request-${status}`,
  retryAfterMs: undefined,
  claims: undefined,
  ...more,
})
