import type { Recipient } from '../execution/recipient.ts'
import type { DeliveryRecord } from '../execution/result-queue.ts'
import type { SharedResult } from '../execution/shared-result.ts'
import type { Outbox } from './outbox.ts'
import { frameBytes, writeFrameHeader } from './text-frame.ts'

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

  /** How many bytes a result takes on the wire. */
  frameBytes(json: Uint8Array): number {
    return frameBytes(this.#payloadBytes(json))
  }

  /** Writes the message with a result as it goes over the wire. @returns where it ends */
  writeFrame(json: Uint8Array, target: Buffer, at: number): number {
    let end = writeFrameHeader(target, at, this.#payloadBytes(json))
    end += target.write(this.#head, end)
    target.set(json, end)
    end += json.length
    target[end] = CLOSING_BRACE
    return end + 1
  }

  #payloadBytes(json: Uint8Array): number {
    return this.#headBytes + json.length + 1
  }
}

const CLOSING_BRACE = 0x7d
