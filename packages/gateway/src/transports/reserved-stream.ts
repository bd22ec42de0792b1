import type { PreparedOperation } from '../execution/executor.ts'
import type { LimitedExecutor } from '../execution/limit-executor.ts'
import { singleResult, type ResultStream } from '../execution/present-results.ts'
import { jsonOf } from '../execution/shared-result.ts'
import type { TextSource } from './open-body.ts'
import { event } from './server-sent-events.ts'

interface RunningOperation {
  /** `undefined` until it is known whether there are any. */
  results: ResultStream | undefined
  isStopped: boolean
}

/** An event on its way. */
interface WaitingEvent {
  readonly operation: RunningOperation
  readonly text: string
  /** To be called when it has been taken, or is no longer wanted. */
  readonly settle: () => void
}

/**
 * The events of all operations of one client, for the one stream that it reads. Each operation has one event
 * waiting at the most, and goes on when that has been taken: a slow client costs what its operations cost.
 */
export class ReservedStream implements TextSource {
  readonly #executor: LimitedExecutor
  readonly #operations = new Map<string, RunningOperation>()
  /** In the order in which they came. */
  readonly #waiting = new Set<WaitingEvent>()
  /** Answers whoever waits for the next event. */
  #answer: ((result: IteratorResult<string, undefined>) => void) | undefined
  #hasEnded = false

  constructor(executor: LimitedExecutor) {
    this.#executor = executor
  }

  /** How many operations have not ended. */
  get size(): number {
    return this.#operations.size
  }

  has(id: string): boolean {
    return this.#operations.has(id)
  }

  /** @param id of no operation that has not ended */
  start(id: string, prepared: PreparedOperation): void {
    const operation: RunningOperation = { results: undefined, isStopped: this.#hasEnded }
    this.#operations.set(id, operation)
    void this.#run(id, operation, prepared)
  }

  /** Ends an operation: nothing more of it is sent. Harmless when there is none. */
  stop(id: string): void {
    const operation = this.#operations.get(id)
    if (!operation) return
    this.#operations.delete(id)
    operation.isStopped = true
    void operation.results?.return()
    for (const waiting of this.#waiting) if (waiting.operation === operation) this.#settle(waiting)
  }

  next(): Promise<IteratorResult<string, undefined>> {
    if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined })
    const [first] = this.#waiting
    if (!first) return new Promise((resolve) => (this.#answer = resolve))
    this.#settle(first)
    return Promise.resolve({ done: false, value: first.text })
  }

  return(): void {
    this.#hasEnded = true
    for (const id of this.#operations.keys()) this.stop(id)
    this.#answer?.({ done: true, value: undefined })
    this.#answer = undefined
  }

  async #run(id: string, operation: RunningOperation, { type, args }: PreparedOperation): Promise<void> {
    const results =
      type === 'subscription'
        ? await this.#executor.subscribe(args)
        : singleResult(await this.#executor.execute(args))
    operation.results = results
    if (operation.isStopped) return void results.return()
    const idJson = JSON.stringify(id)
    for await (const result of results) {
      if (operation.isStopped) return
      await this.#send(operation, event('next', `{"id":${idJson},"payload":${jsonOf(result)}}`))
    }
    if (operation.isStopped) return
    await this.#send(operation, event('complete', `{"id":${idJson}}`))
    if (!operation.isStopped) this.#operations.delete(id)
  }

  /** Resolves when it has been taken, or is no longer wanted. */
  #send(operation: RunningOperation, text: string): Promise<void> {
    const answer = this.#answer
    if (!answer) {
      return new Promise((settle) => this.#waiting.add({ operation, text, settle }))
    }
    this.#answer = undefined
    answer({ done: false, value: text })
    return Promise.resolve()
  }

  #settle(waiting: WaitingEvent): void {
    this.#waiting.delete(waiting)
    waiting.settle()
  }
}
