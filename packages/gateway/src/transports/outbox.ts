import type { Duplex } from 'node:stream'
import type { CancelTimer, Clock } from '@teams-operations/core'
import { WebSocket } from 'ws'
import { TOO_SLOW } from './close-code.ts'
import type { SocketRecipient } from './socket-recipient.ts'

export interface OutboxOptions {
  readonly clock: Clock
  /** What may wait to be sent for longer than {@link slowClientMs}, in bytes. */
  readonly maxUnsentBytes: number
  readonly slowClientMs: number
}

/** What of one subscription is not sent yet: the newest result of each topic. */
interface Waiting {
  readonly results: Map<unknown, Uint8Array>
  onSent: (() => void) | undefined
}

/**
 * What subscriptions send over one WebSocket. All that comes in one turn of the event loop leaves in one
 * write. While the operating system takes no more, the newest result of each topic waits here, so that a
 * client that reads nothing costs no more memory than what it watches. One that leaves too much unread for
 * too long is disconnected.
 */
export class Outbox {
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #options: OutboxOptions
  /** In the order in which they began to wait. There is none while nothing waits: it weighs too much. */
  #waiting: Map<SocketRecipient, Waiting> | undefined
  #waitingBytes = 0
  /** Whether what waits will be sent without anybody's asking. */
  #isScheduled = false
  #onDrained: (() => void)[] | undefined
  #cancelTimer: CancelTimer | undefined

  /** @param stream what the socket was made of: everything but nothing goes through the socket */
  constructor(socket: WebSocket, stream: Duplex, options: OutboxOptions) {
    this.#socket = socket
    this.#stream = stream
    this.#options = options
  }

  /** Sends a result of the recipient, in place of an earlier one of the same topic that still waits. */
  put(recipient: SocketRecipient, json: Uint8Array, topic: unknown): void {
    if (!this.#isOpen) return
    // Nothing is skipped that can be sent.
    if (this.#waiting?.get(recipient)?.results.has(topic) && !this.#isBlocked) this.#flush()
    this.#waiting ??= new Map()
    const waiting = this.#waiting.get(recipient) ?? { results: new Map(), onSent: undefined }
    this.#waiting.set(recipient, waiting)
    const replaced = waiting.results.get(topic)
    if (replaced) recipient.record.conflated()
    waiting.results.set(topic, json)
    this.#waitingBytes += json.length - (replaced?.length ?? 0)
    this.#schedule()
  }

  /** Calls back when nothing of the recipient waits any more. */
  whenSent(recipient: SocketRecipient, act: () => void): void {
    const waiting = this.#waiting?.get(recipient)
    if (waiting) waiting.onSent = act
    else act()
  }

  discard(recipient: SocketRecipient): void {
    for (const json of this.#waiting?.get(recipient)?.results.values() ?? [])
      this.#waitingBytes -= json.length
    this.#waiting?.delete(recipient)
  }

  /** Calls back when the operating system has taken all that was sent. */
  whenDrained(act: () => void): void {
    if (this.#onDrained) return void this.#onDrained.push(act)
    const all = (this.#onDrained = [act])
    // Nothing, which is done when everything before it is.
    this.#stream.write('', () => {
      this.#onDrained = undefined
      for (const drained of all) drained()
    })
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#waiting = undefined
    this.#waitingBytes = 0
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** Whether the operating system has not taken everything yet. */
  get #isBlocked(): boolean {
    return this.#stream.writableLength > 0
  }

  get #hasTooMuch(): boolean {
    return this.#waitingBytes + this.#stream.writableLength > this.#options.maxUnsentBytes
  }

  #schedule(): void {
    const isBlocked = this.#isBlocked
    if (isBlocked && this.#hasTooMuch) this.#startTimer()
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (isBlocked) this.whenDrained(() => this.#flush())
    else queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    this.#isScheduled = false
    if (!this.#isOpen) return this.close()
    while (this.#waiting && !this.#isBlocked) this.#send(this.#waiting)
    if (this.#waiting) this.#schedule()
    if (!this.#hasTooMuch) this.#stopTimer()
  }

  /** Sends some of what waits in one write, and more when the operating system has taken that. */
  #send(all: Map<SocketRecipient, Waiting>): void {
    this.#stream.cork()
    for (const [recipient, { results, onSent }] of all) {
      for (const [topic, json] of results) {
        if (this.#stream.writableLength > BYTES_PER_WRITE) break
        results.delete(topic)
        this.#waitingBytes -= json.length
        this.#socket.send(recipient.message(json), TEXT)
        recipient.record.delivered()
      }
      if (results.size > 0) break
      all.delete(recipient)
      onSent?.()
    }
    this.#stream.uncork()
    if (all.size === 0) this.#waiting = undefined
  }

  #startTimer(): void {
    const { clock, slowClientMs } = this.#options
    this.#cancelTimer ??= clock.timer(slowClientMs, () => {
      this.#cancelTimer = undefined
      if (!this.#hasTooMuch) return
      this.close()
      this.#socket.close(TOO_SLOW, 'Too slow')
    })
  }

  #stopTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }
}

const TEXT = { binary: false } as const
const BYTES_PER_WRITE = 65_536
