import { Duplex } from 'node:stream'
import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { SharedResult } from '../../src/execution/shared-result.ts'
import { EndOfTurn } from '../../src/transports/end-of-turn.ts'
import { Outbox } from '../../src/transports/outbox.ts'
import { SocketRecipient } from '../../src/transports/socket-recipient.ts'

const MAX_UNSENT_BYTES = 100_000
const SLOW_CLIENT_MS = 30_000

/** What the operating system takes at once, or keeps the gateway waiting for. */
class FakeStream extends Duplex {
  /** Each with all that left together. */
  readonly writes: Buffer[] = []
  /** Whether the client reads. */
  isTaken = true
  #onTaken: (() => void) | undefined

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#leave(chunk, done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#leave(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _read(): void {}

  /** Lets one write be taken. What that brings about happens in the next turn. */
  release(): void {
    const onTaken = this.#onTaken
    this.#onTaken = undefined
    onTaken?.()
  }

  async takeOne(): Promise<void> {
    this.release()
    await nextTurn()
  }

  async takeAll(): Promise<void> {
    this.isTaken = true
    do await this.takeOne()
    while (this.#onTaken)
  }

  #leave(bytes: Buffer, done: () => void): void {
    if (bytes.length > 0) this.writes.push(bytes)
    if (this.isTaken || bytes.length === 0) done()
    else this.#onTaken = done
  }
}

let clock: VirtualClock
let stream: FakeStream
let socket: { readyState: number; closedWith: number | undefined; close(code: number): void }
let outbox: Outbox

beforeEach(() => {
  clock = createVirtualClock()
  stream = new FakeStream()
  socket = {
    readyState: WebSocket.OPEN,
    closedWith: undefined,
    close(code) {
      this.closedWith = code
      this.readyState = WebSocket.CLOSING
    },
  }
  outbox = new Outbox(socket as unknown as WebSocket, stream, {
    clock,
    maxUnsentBytes: MAX_UNSENT_BYTES,
    slowClientMs: SLOW_CLIENT_MS,
    endOfTurn: new EndOfTurn(),
  })
})

interface Subscriber {
  /** Has a result sent to it. */
  receive(n: number, topic?: string, paddingBytes?: number): void
  readonly recipient: SocketRecipient
  readonly counts: { delivered: number; conflated: number }
}

function subscriber(id: string): Subscriber {
  const counts = { delivered: 0, conflated: 0 }
  const recipient = new SocketRecipient(id, outbox, {
    delivered: () => void (counts.delivered += 1),
    conflated: () => void (counts.conflated += 1),
  })
  return {
    recipient,
    counts,
    receive: (n, topic = 'a', paddingBytes = 0) =>
      recipient.receive(new SharedResult({ data: { [topic]: n, padding: 'x'.repeat(paddingBytes) } }), topic),
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Has the client stop reading, when there is something that it has not read. */
async function stopReading(): Promise<void> {
  stream.isTaken = false
  subscriber('before').receive(0)
  await nextTurn()
}

/** What left so far: of whom, about what, and which. */
function sent(): string[] {
  return stream.writes.flatMap(messagesIn).map(({ id, payload: { data } }) => {
    const [[topic, n] = []] = Object.entries(data)
    return `${id} ${topic} ${String(n)}`
  })
}

interface NextMessage {
  readonly id: string
  readonly payload: { readonly data: Readonly<Record<string, unknown>> }
}

function messagesIn(bytes: Buffer): NextMessage[] {
  const messages: NextMessage[] = []
  for (let at = 0; at < bytes.length;) {
    const short = bytes.readUInt8(at + 1)
    const [start, length] =
      short < 126
        ? [at + 2, short]
        : short === 126
          ? [at + 4, bytes.readUInt16BE(at + 2)]
          : [at + 10, Number(bytes.readBigUInt64BE(at + 2))]
    messages.push(JSON.parse(bytes.toString('utf8', start, start + length)) as NextMessage)
    at = start + length
  }
  return messages
}

describe('to a client that reads', () => {
  test('all of one turn leaves in one write, in the order in which it came', async () => {
    const [one, two] = [subscriber('1'), subscriber('2')]
    one.receive(1)
    two.receive(1)
    one.receive(2)
    expect(stream.writes).toEqual([])
    await nextTurn()
    expect(sent()).toEqual(['1 a 1', '2 a 1', '1 a 2'])
    expect(stream.writes).toHaveLength(1)
    two.receive(2)
    await nextTurn()
    expect(stream.writes).toHaveLength(2)
    expect([one.counts, two.counts]).toEqual([
      { delivered: 2, conflated: 0 },
      { delivered: 2, conflated: 0 },
    ])
  })

  test('much of it does not wait for the end of the turn', () => {
    const { receive } = subscriber('1')
    for (let n = 0; n < 10; n++) receive(n, 'a', 20_000)
    expect(stream.writes.length).toBeGreaterThan(0)
  })

  test('what was taken is sent when it has been asked whether it was', () => {
    const { recipient, receive } = subscriber('1')
    let isSent = false
    receive(1)
    outbox.whenSent(recipient, () => (isSent = true))
    expect(isSent).toBe(true)
  })
})

describe('to a client that does not read', () => {
  test('the newest of each topic waits, and leaves when it reads again', async () => {
    await stopReading()
    const [one, two] = [subscriber('1'), subscriber('2')]
    for (let n = 1; n <= 5; n++) one.receive(n)
    two.receive(1)
    one.receive(1, 'b')
    one.receive(6)
    await nextTurn()
    expect(sent()).toEqual(['before a 0'])
    await stream.takeAll()
    expect(sent()).toEqual(['before a 0', '1 a 6', '1 b 1', '2 a 1'])
    expect(one.counts).toEqual({ delivered: 2, conflated: 5 })
    expect(two.counts).toEqual({ delivered: 1, conflated: 0 })
    // From then on, nothing waits any more.
    one.receive(7)
    await nextTurn()
    expect(sent().at(-1)).toBe('1 a 7')
  })

  test('who reads a part of it gets the newest of the rest, and nothing twice', async () => {
    await stopReading()
    const { receive } = subscriber('1')
    for (const topic of ['a', 'b', 'c', 'd', 'e', 'f']) receive(1, topic, 30_000)
    await stream.takeOne()
    const first = sent().length
    expect(first).toBeGreaterThan(1)
    expect(first).toBeLessThan(7)
    receive(2, 'f')
    await stream.takeAll()
    expect(sent()).toEqual([
      'before a 0',
      ...['a', 'b', 'c', 'd', 'e'].map((topic) => `1 ${topic} 1`),
      '1 f 2',
    ])
  })

  test('what comes while the rest is about to leave does not overtake it', async () => {
    await stopReading()
    const { receive } = subscriber('1')
    receive(1, 'b')
    receive(1)
    stream.release()
    receive(2)
    await stream.takeAll()
    expect(sent()).toEqual(['before a 0', '1 b 1', '1 a 2'])
  })

  test('it is known when all of a subscription is on its way', async () => {
    await stopReading()
    const { recipient, receive } = subscriber('1')
    receive(1)
    let told = 0
    outbox.whenSent(recipient, () => (told += 1))
    await nextTurn()
    expect(told).toBe(0)
    await stream.takeAll()
    expect(sent()).toEqual(['before a 0', '1 a 1'])
    expect(told).toBe(1)
  })

  test('nothing is sent of a subscription that is over, and nobody told that it was', async () => {
    await stopReading()
    const [one, two] = [subscriber('1'), subscriber('2')]
    let isTold = false
    one.receive(1)
    outbox.whenSent(one.recipient, () => (isTold = true))
    two.receive(1)
    one.recipient.discard()
    await stream.takeAll()
    expect(sent()).toEqual(['before a 0', '2 a 1'])
    expect(isTold).toBe(false)
    expect(one.counts.delivered).toBe(0)
  })

  test('it is told when all that was sent has been taken, everybody who asked, once', async () => {
    await stopReading()
    const told: string[] = []
    for (const name of ['first', 'second']) outbox.whenDrained(() => told.push(name))
    await nextTurn()
    expect(told).toEqual([])
    await stream.takeAll()
    expect(told).toEqual(['first', 'second'])
    outbox.whenDrained(() => told.push('third'))
    await nextTurn()
    expect(told).toEqual(['first', 'second', 'third'])
  })

  test('nothing is kept for one that has gone', async () => {
    await stopReading()
    const { receive, counts } = subscriber('1')
    receive(1, 'a', MAX_UNSENT_BYTES)
    socket.readyState = WebSocket.CLOSING
    receive(2)
    outbox.forget()
    expect(clock.pendingTimers).toBe(0)
    await stream.takeAll()
    expect(sent()).toEqual(['before a 0'])
    expect(counts).toEqual({ delivered: 0, conflated: 0 })
  })
})

describe('a client that leaves too much unread', () => {
  test('for too long is disconnected with 4508, and gets nothing more', async () => {
    await stopReading()
    const { receive } = subscriber('1')
    receive(1, 'a', MAX_UNSENT_BYTES)
    await clock.advance(SLOW_CLIENT_MS - 1)
    receive(2, 'a', MAX_UNSENT_BYTES)
    expect(socket.closedWith).toBeUndefined()
    await clock.advance(1)
    expect(socket.closedWith).toBe(4508)
    expect(clock.pendingTimers).toBe(0)
    await stream.takeAll()
    expect(sent()).toEqual(['before a 0'])
  })

  test('is kept when it reads in time, and has all of the time again', async () => {
    await stopReading()
    const { receive } = subscriber('1')
    for (let n = 1; n <= 3; n++) {
      stream.isTaken = false
      receive(n)
      await nextTurn()
      receive(10 * n, 'a', MAX_UNSENT_BYTES)
      await clock.advance(SLOW_CLIENT_MS - 1)
      await stream.takeAll()
      expect(sent().at(-1)).toBe(`1 a ${10 * n}`)
      expect(clock.pendingTimers).toBe(0)
    }
    expect(socket.closedWith).toBeUndefined()
  })

  test('is disconnected as well when it is all on its way, and nobody reads that', async () => {
    for (const isRead of [true, false]) {
      await stopReading()
      subscriber('1').receive(1, 'a', MAX_UNSENT_BYTES)
      await stream.takeOne()
      expect(sent().at(-1)).toBe('1 a 1')
      await clock.advance(SLOW_CLIENT_MS - 1)
      if (isRead) {
        await stream.takeOne()
        expect(clock.pendingTimers).toBe(0)
      } else {
        await clock.advance(1)
      }
      expect(socket.closedWith).toBe(isRead ? undefined : 4508)
    }
  })

  test('is kept where what it asked for is less than that, however long it takes and much it misses', async () => {
    await stopReading()
    const { receive, counts } = subscriber('1')
    for (let n = 1; n <= 1_000; n++) receive(n, 'a', MAX_UNSENT_BYTES / 2)
    await clock.advance(100 * SLOW_CLIENT_MS)
    expect(socket.closedWith).toBeUndefined()
    expect(counts.conflated).toBe(999)
    await stream.takeAll()
    expect(sent()).toEqual(['before a 0', '1 a 1000'])
  })

  test('is disconnected as well when that is no results, but answers', async () => {
    await stopReading()
    stream.write(Buffer.alloc(MAX_UNSENT_BYTES))
    outbox.whenDrained(() => {})
    await clock.advance(SLOW_CLIENT_MS - 1)
    expect(socket.closedWith).toBeUndefined()
    await clock.advance(1)
    expect(socket.closedWith).toBe(4508)
  })

  test('is kept when it has unsubscribed from that', async () => {
    await stopReading()
    const { receive, recipient } = subscriber('1')
    receive(1, 'a', MAX_UNSENT_BYTES)
    recipient.discard()
    await clock.advance(SLOW_CLIENT_MS)
    expect(socket.closedWith).toBeUndefined()
  })
})

test('nobody is called back by a connection that breaks, or has broken', async () => {
  await stopReading()
  let calls = 0
  // Whoever is called back asks again, as long as there is too much.
  const ask = (): void => {
    calls += 1
    outbox.whenDrained(ask)
  }
  outbox.whenDrained(ask)
  stream.on('error', () => {})
  stream.destroy(new Error('reset'))
  await nextTurn()
  outbox.whenDrained(ask)
  await nextTurn()
  expect(calls).toBe(0)
})
