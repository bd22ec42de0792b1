import type { Clock } from '@teams-operations/core'
import type { WebSocket } from 'ws'
import type { Rate } from '../access/limits.ts'
import { TokenBucket } from '../access/token-bucket.ts'

export interface ReadingOptions {
  /** What may wait to be sent before nothing more is read, in bytes. */
  readonly maxUnsentBytes: number
  readonly messageRate: Rate
  readonly clock: Clock
}

/**
 * Stops reading from a socket whose client does not read what it is sent, or sends too much: it is the
 * client's own memory that fills then. What was read already is still handled, and counts.
 */
export class Reading {
  readonly #socket: WebSocket
  readonly #options: ReadingOptions
  readonly #messages: TokenBucket
  #hasTooMuchUnsent = false
  #isTooFast = false

  constructor(socket: WebSocket, options: ReadingOptions) {
    this.#socket = socket
    this.#options = options
    this.#messages = new TokenBucket(options.messageRate, options.clock)
  }

  /** To be called for each message that came. */
  received(): void {
    const { clock, maxUnsentBytes } = this.#options
    const waitMs = this.#messages.spend()
    if (waitMs > 0 && !this.#isTooFast) {
      this.#isTooFast = true
      const cancelTimer = clock.timer(waitMs, () => {
        this.#socket.off('close', cancelTimer)
        this.#isTooFast = false
        this.#goOn()
      })
      this.#socket.once('close', cancelTimer)
    }
    if (this.#socket.bufferedAmount > maxUnsentBytes) this.#hasTooMuchUnsent = true
    if (this.#isTooFast || this.#hasTooMuchUnsent) this.#socket.pause()
  }

  /** To be called when something was sent. */
  sent(): void {
    if (!this.#hasTooMuchUnsent || this.#socket.bufferedAmount > this.#options.maxUnsentBytes / 2) return
    this.#hasTooMuchUnsent = false
    this.#goOn()
  }

  #goOn(): void {
    if (!this.#isTooFast && !this.#hasTooMuchUnsent) this.#socket.resume()
  }
}
