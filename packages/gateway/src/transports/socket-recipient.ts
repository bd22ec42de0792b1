import type { Recipient } from '../execution/recipient.ts'
import type { DeliveryRecord } from '../execution/result-queue.ts'
import type { SharedResult } from '../execution/shared-result.ts'
import type { Outbox } from './outbox.ts'
import { textFrame } from './text-frame.ts'

/** One subscription over a WebSocket: puts its id in front of results that others get as well. */
export class SocketRecipient implements Recipient {
  readonly record: DeliveryRecord
  readonly #outbox: Outbox
  /** All that comes before the result. As text, which weighs a third of so small a buffer. */
  readonly #head: string
  readonly #headBytes: number

  constructor(id: string, outbox: Outbox, record: DeliveryRecord) {
    this.record = record
    this.#outbox = outbox
    this.#head = `{"id":${JSON.stringify(id)},"type":"next","payload":`
    this.#headBytes = Buffer.byteLength(this.#head)
  }

  receive(result: SharedResult, topic: unknown): void {
    this.#outbox.put(this, result.bytes, topic)
  }

  whenSent(act: () => void): void {
    this.#outbox.whenSent(this, act)
  }

  discard(): void {
    this.#outbox.discard(this)
  }

  /** The message with a result, as it goes over the wire: made here, one buffer is all that is written. */
  frame(json: Uint8Array): Buffer {
    const payloadBytes = this.#headBytes + json.length + 1
    const frame = textFrame(payloadBytes)
    const headerBytes = frame.length - payloadBytes
    frame.write(this.#head, headerBytes)
    frame.set(json, headerBytes + this.#headBytes)
    frame[frame.length - 1] = CLOSING_BRACE
    return frame
  }
}

const CLOSING_BRACE = 0x7d
