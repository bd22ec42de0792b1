import type { Duplex } from 'node:stream'
import type { CancelTimer, Clock } from '@teams-operations/core'
import { WebSocket } from 'ws'
import { limitTimer } from '../access/limit-timer.ts'
import { TOO_SLOW } from './close-code.ts'
import type { EndOfTurn, TurnTaker } from './end-of-turn.ts'
import type { SocketRecipient } from './socket-recipient.ts'

export interface OutboxOptions {
  readonly clock: Clock
  /** What may wait to be sent for longer than {@link slowClientMs}, in bytes. */
  readonly maxUnsentBytes: number
  readonly slowClientMs: number
  readonly endOfTurn: EndOfTurn
}

/** A result on its way, until the end of this turn. */
interface HeldResult {
  readonly recipient: SocketRecipient
  readonly json: Uint8Array
}

/** What of one subscription waits: the newest result of each topic. */
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
export class Outbox implements TurnTaker {
  readonly #socket: WebSocket
  /**
   * Frames are written past the socket: without compression it writes each message as it comes as well, so that
   * the order is kept.
   */
  readonly #stream: Duplex
  readonly #options: OutboxOptions
  /** What leaves together at the end of this turn: the first of it by itself, for there is hardly ever more. */
  #first: HeldResult | undefined
  #more: HeldResult[] | undefined
  #heldBytes = 0
  /** Whether what others send over the socket is held back until then as well. */
  #isCorked = false
  #awaitsEndOfTurn = false
  /** In the order in which they began to wait. There is none while nothing waits: it weighs too much. */
  #waiting: Map<SocketRecipient, Waiting> | undefined
  #waitingBytes = 0
  #onDrained: (() => void)[] | undefined
  #cancelTimer: CancelTimer | undefined

  /** @param stream what the socket was made of */
  constructor(socket: WebSocket, stream: Duplex, options: OutboxOptions) {
    this.#socket = socket
    this.#stream = stream
    this.#options = options
  }

  /** Sends a result. One that can't be sent yet takes the place of an earlier one of the same topic. */
  put(recipient: SocketRecipient, json: Uint8Array, topic: unknown): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    if (this.#waiting || this.#isStuck) return this.#keep(recipient, json, topic)
    this.#awaitEndOfTurn()
    this.#hold(recipient, json)
    if (this.#heldBytes > BYTES_PER_WRITE) this.#writeHeld()
  }

  /** Calls back when nothing of the recipient waits any more. */
  whenSent(recipient: SocketRecipient, act: () => void): void {
    const waiting = this.#waiting?.get(recipient)
    if (waiting) waiting.onSent = act
    else act()
  }

  discard(recipient: SocketRecipient): void {
    const waiting = this.#waiting?.get(recipient)
    if (!waiting) return
    for (const json of waiting.results.values()) this.#waitingBytes -= json.length
    this.#waiting?.delete(recipient)
  }

  /**
   * Calls back when the operating system has taken all that was sent. Until then, too much of it makes a client too
   * slow, whoever has sent it.
   */
  whenDrained(act: () => void): void {
    if (this.#hasTooMuch) this.#startTimer()
    if (this.#onDrained) return void this.#onDrained.push(act)
    const all = (this.#onDrained = [act])
    // Nothing, which is done when everything before it is.
    this.#stream.write('', (error) => {
      this.#onDrained = undefined
      // A broken connection takes nothing any more: whoever asked again would ask for ever.
      if (error) return
      if (!this.#hasTooMuch) this.#stopTimer()
      for (const drained of all) drained()
    })
  }

  /**
   * To be called before anything else is sent over the socket: results that came before it leave before it, and all
   * of this turn in one write.
   */
  holdBack(): void {
    // What is stuck already leaves when it can, and then all at once.
    if (!this.#isCorked && !this.#isStuck) {
      this.#isCorked = true
      this.#stream.cork()
      this.#awaitEndOfTurn()
    }
    this.#writeHeld()
  }

  endTurn(): void {
    this.#awaitsEndOfTurn = false
    this.#writeHeld()
    if (!this.#isCorked) return
    this.#isCorked = false
    this.#stream.uncork()
  }

  /** Forgets what waits: nobody will read it. */
  forget(): void {
    this.#stopTimer()
    this.#letGoOfHeld()
    this.#waiting = undefined
    this.#waitingBytes = 0
  }

  /** Whether the operating system has not taken all of what was sent before this turn. */
  get #isStuck(): boolean {
    return !this.#isCorked && this.#stream.writableLength > 0
  }

  get #hasTooMuch(): boolean {
    return this.#waitingBytes + this.#stream.writableLength > this.#options.maxUnsentBytes
  }

  #awaitEndOfTurn(): void {
    if (this.#awaitsEndOfTurn) return
    this.#awaitsEndOfTurn = true
    this.#options.endOfTurn.await(this)
  }

  #hold(recipient: SocketRecipient, json: Uint8Array): void {
    recipient.record.delivered()
    this.#heldBytes += recipient.frameBytes(json)
    if (!this.#first) this.#first = { recipient, json }
    else if (this.#more) this.#more.push({ recipient, json })
    else this.#more = [{ recipient, json }]
  }

  /** One buffer for all of it: what a write costs grows with their number. */
  #writeHeld(): void {
    const first = this.#first
    if (!first) return
    const frames = Buffer.allocUnsafe(this.#heldBytes)
    let end = first.recipient.writeFrame(first.json, frames, 0)
    if (this.#more)
      for (const { recipient, json } of this.#more) end = recipient.writeFrame(json, frames, end)
    this.#letGoOfHeld()
    // After a close frame there is nothing more.
    if (this.#socket.readyState === WebSocket.OPEN) this.#stream.write(frames)
  }

  #letGoOfHeld(): void {
    this.#first = undefined
    this.#more = undefined
    this.#heldBytes = 0
  }

  #keep(recipient: SocketRecipient, json: Uint8Array, topic: unknown): void {
    if (!this.#waiting) {
      this.#waiting = new Map()
      this.whenDrained(() => this.#sendWaiting())
    }
    const waiting = this.#waiting.get(recipient) ?? { results: new Map(), onSent: undefined }
    this.#waiting.set(recipient, waiting)
    const replaced = waiting.results.get(topic)
    if (replaced) recipient.record.conflated()
    waiting.results.set(topic, json)
    this.#waitingBytes += json.length - (replaced?.length ?? 0)
    if (this.#hasTooMuch) this.#startTimer()
  }

  #sendWaiting(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return this.forget()
    while (this.#waiting && !this.#isStuck) this.#sendSome(this.#waiting)
    // Also when nothing waits any more: what is on its way may be too much by itself.
    if (this.#waiting || this.#hasTooMuch) this.whenDrained(() => this.#sendWaiting())
    if (!this.#hasTooMuch) this.#stopTimer()
  }

  /** As much as leaves in one write. */
  #sendSome(all: Map<SocketRecipient, Waiting>): void {
    for (const [recipient, { results, onSent }] of all) {
      for (const [topic, json] of results) {
        if (this.#heldBytes > BYTES_PER_WRITE) break
        results.delete(topic)
        this.#waitingBytes -= json.length
        this.#hold(recipient, json)
      }
      if (results.size > 0) break
      all.delete(recipient)
      onSent?.()
    }
    if (all.size === 0) this.#waiting = undefined
    this.#writeHeld()
  }

  #startTimer(): void {
    const { clock, slowClientMs } = this.#options
    this.#cancelTimer ??= limitTimer(clock, slowClientMs, () => {
      this.#cancelTimer = undefined
      if (!this.#hasTooMuch) return
      this.forget()
      this.#socket.close(TOO_SLOW, 'Too slow')
    })
  }

  #stopTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }
}

const BYTES_PER_WRITE = 65_536
