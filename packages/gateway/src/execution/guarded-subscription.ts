import type { OperationRef } from '@teams-operations/core'
import type { Subscription } from 'rxjs'
import type { PresentError } from '../errors/present-error.ts'
import type { Access } from '../resolvers/operation-access.ts'
import type { ResultStream } from './present-results.ts'
import type { Recipient } from './recipient.ts'
import { ResponseStream, type Membership } from './response-stream.ts'
import type { SharedResult } from './shared-result.ts'

export interface GuardOptions {
  readonly access: Access
  /** The operations that the subscription names. */
  readonly refs: readonly OperationRef[]
  readonly recipient: Recipient
  readonly present: PresentError
  /** Has it executed, once it may be. */
  readonly execute: (recipient: Recipient) => ResultStream
}

/**
 * The subscription of somebody who may not see everything. They are asked about before it is executed, and again
 * whenever what they may see may have changed. What comes until that is decided waits; with a refusal it is gone.
 */
export function guardSubscription(options: GuardOptions): ResultStream {
  return new GuardedSubscription(options).results
}

/** Stands between what is executed, whose recipient it is, and who gets to see it. */
class GuardedSubscription implements Recipient, Membership {
  readonly results: ResponseStream
  readonly #options: GuardOptions
  readonly #changes: Subscription
  #executed: ResultStream | undefined
  /** How often it was asked: an answer to anything but the newest question is out of date. */
  #questions = 0
  #isDecided = false
  #isOver = false
  /** The newest result of each topic since the question. */
  readonly #held = new Map<unknown, SharedResult>()
  #whenSent: (() => void) | undefined

  constructor(options: GuardOptions) {
    this.#options = options
    this.results = new ResponseStream(options.recipient, this)
    this.#changes = options.access.changes.subscribe(() => void this.#ask())
    void this.#ask()
  }

  receive(result: SharedResult, topic: unknown): void {
    if (this.#isDecided) this.#options.recipient.receive(result, topic)
    else this.#held.set(topic, result)
  }

  whenSent(act: () => void): void {
    if (this.#isDecided) this.#options.recipient.whenSent(act)
    else this.#whenSent = act
  }

  discard(): void {
    this.#held.clear()
    this.#whenSent = undefined
    this.#options.recipient.discard()
  }

  leave(): void {
    this.#close()
  }

  async #ask(): Promise<void> {
    const { access, refs } = this.#options
    const question = ++this.#questions
    this.#isDecided = false
    const isStale = (): boolean => this.#isOver || question !== this.#questions
    try {
      await Promise.all(refs.map((ref) => access.demand(ref)))
      if (!isStale()) this.#allow()
    } catch (error) {
      if (!isStale()) this.#refuse(error)
    }
  }

  #allow(): void {
    this.#isDecided = true
    if (this.#executed) this.#release()
    else this.#start()
  }

  #start(): void {
    const executed = this.#options.execute(this)
    this.#executed = executed
    void executed.next().then(({ value: ending }) => {
      if (this.#isOver) return
      this.#close()
      this.results.end(ending)
    })
  }

  #release(): void {
    const held = [...this.#held]
    const act = this.#whenSent
    this.#held.clear()
    this.#whenSent = undefined
    for (const [topic, result] of held) this.#options.recipient.receive(result, topic)
    if (act) this.#options.recipient.whenSent(act)
  }

  #refuse(error: unknown): void {
    this.#close()
    this.discard()
    this.results.end({ errors: [this.#options.present(error)] })
  }

  /** Nothing is asked or executed for it any more. */
  #close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#changes.unsubscribe()
    void this.#executed?.return()
  }
}
