import { createVirtualClock, type VirtualClock } from '@teams-operations/core/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { createHeartbeat, type Heartbeat, type Pulse } from '../../src/transports/heartbeat.ts'

const INTERVAL_MS = 25_000

let clock: VirtualClock
let heartbeat: Heartbeat
let pings: { readonly socket: Pulse; readonly at: number }[]
let ended: Pulse[]

beforeEach(() => {
  clock = createVirtualClock()
  pings = []
  ended = []
  let seed = 1
  heartbeat = createHeartbeat(
    clock,
    INTERVAL_MS,
    () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
  )
})

/** As much of a socket as the heartbeat sees of it. */
function socket(answers: boolean): Pulse {
  const pulse: Pulse = {
    isHeard: true,
    ping() {
      pings.push({ socket: pulse, at: clock.monotonic() })
      if (answers) pulse.isHeard = true
    },
    terminate: () => void ended.push(pulse),
  }
  return pulse
}

describe('the heartbeat', () => {
  test('pings each socket once in an interval, and not all at once', async () => {
    const sockets = Array.from({ length: 1_000 }, () => socket(true))
    for (const each of sockets) heartbeat.add(each)
    await clock.advance(4 * INTERVAL_MS)
    expect(ended).toEqual([])
    for (const each of sockets) {
      const times = pings.filter((ping) => ping.socket === each).map(({ at }) => at)
      expect(times).toHaveLength(4)
      expect(times.slice(1).map((at, index) => at - (times[index] ?? 0))).toEqual(
        [1, 2, 3].map(() => INTERVAL_MS),
      )
    }
    const bursts = Map.groupBy(pings, ({ at }) => at)
    expect(Math.max(...Array.from(bursts.values(), ({ length }) => length))).toBeLessThan(80)
  })

  test('ends a socket that says nothing from one ping to the next, and no other', async () => {
    const [dead, alive, talking] = [socket(false), socket(true), socket(false)]
    for (const each of [dead, alive, talking]) heartbeat.add(each)
    for (let second = 0; second < 50; second++) {
      await clock.advance(1_000)
      talking.isHeard = true
    }
    expect(ended).toEqual([dead])
  })

  test('needs no timer where there are no sockets', async () => {
    const [one, other] = [socket(true), socket(true)]
    for (const each of [one, other]) heartbeat.add(each)
    expect(clock.pendingTimers).toBe(1)
    for (const each of [one, other, one, other]) heartbeat.remove(each)
    expect(clock.pendingTimers).toBe(0)
    heartbeat.add(one)
    await clock.advance(2 * INTERVAL_MS)
    expect(pings).toHaveLength(2)
  })
})
