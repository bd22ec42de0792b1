import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Reading } from '../../src/transports/reading.ts'

const MAX_UNSENT_BYTES = 1_000

let clock: VirtualClock
let socket: { readyState: number; bufferedAmount: number; isPaused: boolean; pause(): void; resume(): void }
let handled: string[]
let onHandled: () => void
/** Who waits until what was sent has been taken. */
let drains: (() => void)[]
let reading: Reading

beforeEach(() => {
  clock = createVirtualClock()
  socket = {
    readyState: WebSocket.OPEN,
    bufferedAmount: 0,
    isPaused: false,
    pause() {
      this.isPaused = true
    },
    resume() {
      this.isPaused = false
    },
  }
  handled = []
  onHandled = () => {}
  drains = []
  const reader = {
    handle(text: string) {
      handled.push(text)
      onHandled()
    },
    whenDrained: (act: () => void) => void drains.push(act),
  }
  reading = new Reading(socket as unknown as WebSocket, reader, {
    clock,
    maxUnsentBytes: MAX_UNSENT_BYTES,
    messageRate: { burst: 10, perSecond: 10 },
  })
})

function take(from: number, to: number): void {
  for (let n = from; n <= to; n++) reading.take(Buffer.from(`${n}`))
}

function numbers(to: number): string[] {
  return Array.from({ length: to }, (_, i) => `${i + 1}`)
}

/** The operating system has taken what there was, but for so many bytes. */
function drainTo(bytes: number): void {
  socket.bufferedAmount = bytes
  for (const act of drains.splice(0)) act()
}

test('messages are handled as they come, as long as they are not too many', async () => {
  for (let second = 0; second < 5; second++) {
    take(10 * second + 1, 10 * second + 10)
    expect(handled).toEqual(numbers(10 * second + 10))
    await clock.advance(1_000)
  }
  expect(socket.isPaused).toBe(false)
  expect(clock.pendingTimers).toBe(0)
})

test('too many are handled at their rate, in order, and nothing more is read meanwhile', async () => {
  take(1, 40)
  expect(socket.isPaused).toBe(true)
  for (let second = 0; handled.length < 40; second++) {
    // One that is too many is handled before it is known that it was.
    expect(handled.length).toBeLessThanOrEqual(10 * (second + 1) + 1)
    expect(handled.length).toBeGreaterThanOrEqual(10 * (second + 1))
    expect(socket.isPaused).toBe(true)
    await clock.advance(1_000)
  }
  expect(handled).toEqual(numbers(40))
  await clock.advance(1_000)
  expect(socket.isPaused).toBe(false)
  expect(clock.pendingTimers).toBe(0)
})

test('of a client that does not read nothing more is handled, until half of what it may leave is left', () => {
  take(1, 1)
  socket.bufferedAmount = MAX_UNSENT_BYTES + 1
  take(2, 4)
  // It was the answer to the second that was too much.
  expect(handled).toEqual(['1', '2'])
  expect(socket.isPaused).toBe(true)
  drainTo(MAX_UNSENT_BYTES / 2 + 1)
  expect(handled).toEqual(['1', '2'])
  expect(socket.isPaused).toBe(true)
  drainTo(MAX_UNSENT_BYTES / 2)
  expect(handled).toEqual(numbers(4))
  expect(socket.isPaused).toBe(false)
})

test('a client that reads is not held back', () => {
  socket.bufferedAmount = MAX_UNSENT_BYTES
  take(1, 5)
  expect(handled).toEqual(numbers(5))
  expect(socket.isPaused).toBe(false)
})

test('one that does not read and sends too much has to do better with both', async () => {
  take(1, 10)
  socket.bufferedAmount = MAX_UNSENT_BYTES + 1
  take(11, 12)
  expect(handled).toEqual(numbers(11))
  await clock.advance(10_000)
  expect(handled).toEqual(numbers(11))
  drainTo(0)
  expect(handled).toEqual(numbers(12))
  expect(socket.isPaused).toBe(false)
})

test('what waits is handled one by one, where each answer is too much', () => {
  onHandled = () => (socket.bufferedAmount = MAX_UNSENT_BYTES + 1)
  take(1, 3)
  for (let n = 1; n <= 3; n++) {
    expect(handled).toEqual(numbers(n))
    expect(socket.isPaused).toBe(true)
    drainTo(0)
  }
  expect(handled).toEqual(numbers(3))
  expect(socket.isPaused).toBe(false)
})

test('of a socket that breaks, which sends nothing any more either, nothing is handled', () => {
  socket.bufferedAmount = MAX_UNSENT_BYTES + 1
  take(1, 3)
  socket.readyState = WebSocket.CLOSED
  drainTo(0)
  expect(handled).toEqual(['1'])
})

test('of a socket that has closed nothing is handled, and no timer is left', async () => {
  take(1, 20)
  const before = handled.length
  socket.readyState = WebSocket.CLOSED
  reading.close()
  expect(clock.pendingTimers).toBe(0)
  await clock.advance(10_000)
  drainTo(0)
  expect(handled).toHaveLength(before)
})
