import type { Recipient } from '../execution/recipient.ts'
import type { DeliveryRecord } from '../execution/result-queue.ts'
import type { SharedResult } from '../execution/shared-result.ts'
import type { Outbox } from './outbox.ts'

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

  /** The message with a result. */
  message(json: Uint8Array): Buffer {
    const message = Buffer.allocUnsafe(this.#headBytes + json.length + 1)
    message.write(this.#head)
    message.set(json, this.#headBytes)
    message[message.length - 1] = CLOSING_BRACE
    return message
  }
}

const CLOSING_BRACE = 0x7d
