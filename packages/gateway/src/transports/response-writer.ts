import type { ServerResponse } from 'node:http'
import type { Clock } from '@teams-operations/core'
import { limitTimer } from '../access/limit-timer.ts'
import { CutOffError } from './cut-off-error.ts'

export interface ResponseWriterOptions {
  readonly clock: Clock
  /** How long nothing of what waits to be sent may leave. */
  readonly slowClientMs: number
}

/** What is written at a time: a client that reads slowly is seen to read. */
const BYTES_PER_WRITE = 65_536

/**
 * Writes one response to a Node server, as fast as its client reads: the next piece of the body is asked for
 * when the operating system has taken the one before it. A client that takes none of it for too long is
 * disconnected; one that has nothing to read is not.
 */
export class ResponseWriter {
  readonly #response: ServerResponse
  readonly #options: ResponseWriterOptions
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  #isGone = false
  /** Answers whoever waits for a piece to be taken. */
  #settle: (() => void) | undefined

  constructor(response: ServerResponse, options: ResponseWriterOptions) {
    this.#response = response
    this.#options = options
    // Also when it was never begun.
    response.once('close', () => {
      this.#isGone = true
      this.#settle?.()
      this.#cancel()
    })
  }

  /** Resolves when it has been written, or nobody is there any more. Rejects with what the body fails with. */
  async send({ status, headers, body }: Response): Promise<void> {
    this.#reader = body?.getReader()
    if (this.#isGone) return this.#cancel()
    this.#response.setHeaders(headers).writeHead(status)
    // At once, also while a piece waits to be taken.
    this.#reader?.closed.catch(() => this.#response.destroy())
    try {
      await this.#sendBody()
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error
    }
  }

  async #sendBody(): Promise<void> {
    for (;;) {
      const piece = await this.#reader?.read()
      if (this.#isGone) return
      if (!piece?.value) return this.#untilTaken((taken) => this.#response.end(taken))
      for (let at = 0; at < piece.value.length && !this.#isGone; at += BYTES_PER_WRITE) {
        const bytes = piece.value.subarray(at, at + BYTES_PER_WRITE)
        await this.#untilTaken((taken) => this.#response.write(bytes, taken))
      }
    }
  }

  /** Resolves when the operating system has taken what is written, or the connection is gone. */
  #untilTaken(write: (taken: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      // Its end has not been told yet.
      const cancelTimer = this.#response.socket?.destroyed ? () => {} : this.#waitForClient()
      this.#settle = () => {
        this.#settle = undefined
        cancelTimer()
        resolve()
      }
      write(() => this.#settle?.())
    })
  }

  #waitForClient(): () => void {
    const { clock, slowClientMs } = this.#options
    let cancelTimer = limitTimer(clock, slowClientMs, () => {
      // Behind another response on the same connection it is not its turn yet.
      if (this.#response.socket) this.#cutOff()
      else cancelTimer = this.#waitForClient()
    })
    return () => cancelTimer()
  }

  #cutOff(): void {
    this.#cancel(new CutOffError('slow'))
    this.#response.destroy()
  }

  #cancel(reason?: CutOffError): void {
    // It rejects for a body that has failed, which `send` tells of.
    this.#reader?.cancel(reason).catch(() => {})
  }
}
