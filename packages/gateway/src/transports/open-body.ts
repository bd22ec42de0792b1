import type { Clock } from '@teams-operations/core'

export interface OpenBodyOptions {
  readonly clock: Clock
  readonly keepAliveMs: number
  /** Sent at once: some clients wait for the first bytes before they consider the connection open. */
  readonly opening: string
  /** Sent every now and then, so that nothing on the way takes the connection for dead. */
  readonly keepAlive: string
  /** Called once, when it has ended in whatever way. */
  readonly onEnd: () => void
}

/** Texts on their way to a client. `return()` takes effect at once, also while a `next()` is pending. */
export interface TextSource {
  next(): Promise<IteratorResult<string, undefined>>
  return(): void
}

/**
 * The body of a response that stays open. Each text is asked for when the one before it has been taken, so
 * that the source conflates what a slow client misses.
 */
export class OpenBody {
  readonly stream: ReadableStream<Uint8Array>
  readonly #texts: TextSource
  readonly #options: OpenBodyOptions
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #hasEnded = false
  #sentBytes = 0
  #cancelKeepAlive = (): void => {}

  constructor(texts: TextSource, options: OpenBodyOptions) {
    this.#texts = texts
    this.#options = options
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller
        this.#send(options.opening)
        this.#waitForSilence()
      },
      pull: () => this.#pull(),
      cancel: () => this.#end(),
    })
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  /** Ends it as it is, which tells the client that there would have been more. Harmless when it has ended. */
  close(): void {
    if (this.#hasEnded) return
    this.#end()
    this.#controller?.close()
  }

  #send(text: string): void {
    const bytes = encoder.encode(text)
    this.#sentBytes += bytes.byteLength
    this.#controller?.enqueue(bytes)
  }

  async #pull(): Promise<void> {
    const { done, value } = await this.#texts.next()
    if (this.#hasEnded) return
    if (done) this.close()
    else this.#send(value)
  }

  #waitForSilence(): void {
    const { clock, keepAliveMs, keepAlive } = this.#options
    this.#cancelKeepAlive = clock.timer(keepAliveMs, () => {
      // Without demand there is something unread that keeps the connection alive as well.
      if ((this.#controller?.desiredSize ?? 0) > 0) this.#send(keepAlive)
      this.#waitForSilence()
    })
  }

  /** Nothing is left behind: no timer, no subscription. */
  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#cancelKeepAlive()
    this.#options.onEnd()
    this.#texts.return()
  }
}

const encoder = new TextEncoder()
