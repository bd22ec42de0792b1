import type { CancelTimer, Clock } from '@teams-operations/core'
import { WebSocket } from 'ws'
import type { Rate } from '../access/limits.ts'
import { TokenBucket } from '../access/token-bucket.ts'

export interface ReadingOptions {
  /** What may wait to be sent before nothing more is read, in bytes. */
  readonly maxUnsentBytes: number
  readonly messageRate: Rate
  readonly clock: Clock
}

/** What takes messages, and sends the answers to them. */
export interface Reader {
  /** Never throws. */
  handle(text: string): void
  /** Calls back when the operating system has taken all that was sent. */
  whenDrained(act: () => void): void
}

/**
 * The messages from a socket, of which none is handled while its client does not read what it is sent, or after
 * it has sent too many: it is the client's own memory that fills then. What had been read by that time waits
 * here, which is no more than what the operating system hands over at a time.
 */
export class Reading {
  readonly #socket: WebSocket
  readonly #reader: Reader
  readonly #options: ReadingOptions
  readonly #messages: TokenBucket
  /** There is no list while nothing waits: there are many sockets. */
  #waiting: Buffer[] | undefined
  #hasTooMuchUnsent = false
  #cancelRateTimer: CancelTimer | undefined

  constructor(socket: WebSocket, reader: Reader, options: ReadingOptions) {
    this.#socket = socket
    this.#reader = reader
    this.#options = options
    this.#messages = new TokenBucket(options.messageRate, options.clock)
  }

  /** To be called with each message that came. */
  take(message: Buffer): void {
    // ws hands on what it has read also when the client has left: nobody would get the answer.
    if (this.#socket.readyState !== WebSocket.OPEN) return
    if (!this.isHeld) return this.#handle(message)
    this.#waiting ??= []
    this.#waiting.push(message)
  }

  /** Nothing is handled any more. */
  close(): void {
    this.#waiting = undefined
    this.#cancelRateTimer?.()
  }

  /** Whether nothing is read at this time. */
  get isHeld(): boolean {
    return this.#hasTooMuchUnsent || this.#cancelRateTimer !== undefined
  }

  #handle(message: Buffer): void {
    this.#reader.handle(message.toString())
    this.#keepToRate()
    this.#keepToUnsent()
    if (this.isHeld) this.#socket.pause()
  }

  #keepToRate(): void {
    const waitMs = this.#messages.spend()
    if (waitMs === 0) return
    this.#cancelRateTimer = this.#options.clock.timer(waitMs, () => {
      this.#cancelRateTimer = undefined
      this.#goOn()
    })
  }

  #keepToUnsent(): void {
    if (this.#socket.bufferedAmount <= this.#options.maxUnsentBytes) return
    this.#hasTooMuchUnsent = true
    this.#reader.whenDrained(() => this.#drained())
  }

  /** All is gone that there was when this was asked for, and more may have come since. */
  #drained(): void {
    if (this.#socket.bufferedAmount > this.#options.maxUnsentBytes / 2) {
      return this.#reader.whenDrained(() => this.#drained())
    }
    this.#hasTooMuchUnsent = false
    this.#goOn()
  }

  #goOn(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    while (!this.isHeld) {
      const message = this.#waiting?.shift()
      if (!message) break
      this.#handle(message)
    }
    if (this.isHeld) return
    this.#waiting = undefined
    this.#socket.resume()
  }
}
