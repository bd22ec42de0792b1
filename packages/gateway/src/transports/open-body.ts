import type { CancelTimer, Clock } from '@teams-operations/core'
import type { CloseReason } from '../observability/gateway-stats.ts'
import { CutOffError } from './cut-off-error.ts'

export interface OpenBodyOptions {
  readonly clock: Clock
  readonly keepAliveMs: number
  /** Sent at once: some clients wait for the first bytes before they consider the connection open. */
  readonly opening: string
  /** Sent every now and then, so that nothing on the way takes the connection for dead. */
  readonly keepAlive: string
  /** Called once, when it has ended in whatever way and nothing is left behind. */
  readonly onEnd: (reason: CloseReason) => void
}

/** Texts on their way to a client. `return()` takes effect at once, also while a `next()` is pending. */
export interface TextSource {
  next(): Promise<IteratorResult<string, undefined>>
  return(): void
}

/** How long a client may take to read what was sent before the gateway ended the body. */
const FAREWELL_MS = 1_000

/**
 * The body of a response that stays open. Each text is asked for when the one before it has been taken, so
 * that the source conflates what a slow client misses.
 */
export class OpenBody {
  readonly stream: ReadableStream<Uint8Array>
  readonly #texts: TextSource
  readonly #options: OpenBodyOptions
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  /** There while everything that was sent has been taken, and more is wanted. */
  #demand: PromiseWithResolvers<void> | undefined
  #isFetching = false
  #hasEnded = false
  #sentBytes = 0
  #cancelKeepAlive: CancelTimer = () => {}
  #cancelFarewell: CancelTimer = () => {}

  constructor(texts: TextSource, options: OpenBodyOptions) {
    this.#texts = texts
    this.#options = options
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller
          this.#send(options.opening)
          this.#waitForSilence()
        },
        pull: () => this.#pull(),
        cancel: (why) => {
          this.#cancelFarewell()
          this.#end(why instanceof CutOffError ? why.reason : 'left')
        },
      },
      // It is only asked for more when somebody waits for that.
      { highWaterMark: 0 },
    )
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  /**
   * Ends it as it is, which tells the client that there would have been more. Cut off if what was sent before
   * is not taken soon, unless it is `done`. Harmless when it has ended.
   */
  close(reason: CloseReason): void {
    if (this.#hasEnded) return
    this.#end(reason)
    if (this.#demand) return this.#finish()
    if (reason === 'done') return
    this.#cancelFarewell = this.#options.clock.timer(FAREWELL_MS, () => this.#cut(new CutOffError(reason)))
  }

  /** Ends it at once: what waits to be sent is not. Harmless when it has ended. */
  abort(reason: CloseReason, why: unknown = new CutOffError(reason)): void {
    if (this.#hasEnded) return
    this.#end(reason)
    this.#cut(why)
  }

  #cut(why: unknown): void {
    this.#controller?.error(why)
  }

  #send(text: string): void {
    const bytes = encoder.encode(text)
    this.#sentBytes += bytes.byteLength
    this.#controller?.enqueue(bytes)
    this.#demand?.resolve()
    this.#demand = undefined
  }

  #pull(): Promise<void> | undefined {
    if (this.#hasEnded) {
      this.#finish()
      return undefined
    }
    this.#demand = Promise.withResolvers()
    if (!this.#isFetching) void this.#fetch()
    return this.#demand.promise
  }

  async #fetch(): Promise<void> {
    this.#isFetching = true
    try {
      const { done, value } = await this.#texts.next()
      if (this.#hasEnded) return
      if (done) this.close('done')
      else this.#send(value)
    } catch (error) {
      this.abort('failed', error)
    } finally {
      this.#isFetching = false
    }
  }

  #waitForSilence(): void {
    const { clock, keepAliveMs, keepAlive } = this.#options
    this.#cancelKeepAlive = clock.timer(keepAliveMs, () => {
      // Without demand there is something unread that keeps the connection alive as well.
      if (this.#demand) this.#send(keepAlive)
      this.#waitForSilence()
    })
  }

  #finish(): void {
    this.#cancelFarewell()
    this.#controller?.close()
    this.#demand?.resolve()
    this.#demand = undefined
  }

  /** Nothing is left behind, no timer and no subscription, by the time anybody is told. */
  #end(reason: CloseReason): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#cancelKeepAlive()
    this.#texts.return()
    this.#options.onEnd(reason)
  }
}

const encoder = new TextEncoder()
