import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CheckFloor } from '../../src/polling/check-floor.ts'

const INTERVAL_MS = 31_000
const clients = Array.from({ length: 4 }, (_, index) => ({ index }))

interface Step {
  readonly client: number
  readonly passMs: number
  readonly act: 'ask' | 'end' | 'cancel' | 'leave'
}

const steps = fc.array(
  fc.record({
    client: fc.nat(clients.length - 1),
    passMs: fc.oneof(fc.nat(500), fc.nat(40_000)),
    act: fc.constantFrom('ask', 'ask', 'ask', 'end', 'end', 'cancel', 'leave'),
  }) satisfies fc.Arbitrary<Step>,
  { maxLength: 60 },
)

test('whoever asks, and whatever comes of it, two checks are never closer than the interval', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const floor = new CheckFloor()
      let now = 0
      let isUnderWay = false
      let endedAt = -Infinity
      for (const { client, passMs, act } of all) {
        now += passMs
        if (act === 'ask') {
          const waitUntil = floor.waitUntil('a', clients[client] as object, now, INTERVAL_MS)
          if (waitUntil === 0) {
            expect(isUnderWay).toBe(false)
            expect(now - endedAt).toBeGreaterThanOrEqual(INTERVAL_MS)
            floor.begin('a', clients[client] as object)
            isUnderWay = true
          } else {
            expect(waitUntil).toBeGreaterThan(now)
            expect(waitUntil).toBeLessThanOrEqual(now + INTERVAL_MS + 100 * clients.length)
          }
        } else if (act === 'leave') {
          floor.leave('a', clients[client] as object)
        } else if (isUnderWay) {
          isUnderWay = false
          if (act === 'cancel') floor.cancel('a')
          else {
            floor.end('a', now, INTERVAL_MS)
            endedAt = now
          }
        }
      }
    }),
  )
})

test('those who wait come in the order in which they came, and who was there comes last', () => {
  const floor = new CheckFloor()
  const [a, b, c] = clients as [object, object, object]
  const ask = (client: object, now: number): number => floor.waitUntil('a', client, now, INTERVAL_MS)
  expect(ask(a, 0)).toBe(0)
  floor.begin('a', a)
  expect(ask(b, 10)).toBe(31_010)
  floor.end('a', 1_000, INTERVAL_MS)
  expect(ask(c, 1_000)).toBe(32_100)
  expect(ask(b, 31_010)).toBe(32_000)
  expect(ask(a, 32_000)).toBe(32_200)
  expect(ask(c, 32_000)).toBe(32_100)
  expect(ask(b, 32_000)).toBe(0)
  floor.begin('a', b)
  floor.end('a', 32_500, INTERVAL_MS)
  expect(ask(c, 32_100)).toBe(63_500)
  expect(ask(b, 33_000)).toBe(63_700)
  floor.leave('a', c)
  expect(ask(a, 63_500)).toBe(0)
})

test('what was not checked for the interval, and nobody waits for, is forgotten', () => {
  const floor = new CheckFloor()
  const [a, b] = clients as [object, object]
  for (let n = 0; n < 1_000; n++) {
    floor.begin(`${n}`, a)
    floor.end(`${n}`, n * 1_000, INTERVAL_MS)
    if (n % 2 === 0) floor.waitUntil(`${n}`, b, n * 1_000, INTERVAL_MS)
    if (n >= 40) floor.leave(`${n - 40}`, b)
  }
  expect(floor.size).toBeLessThan(50)
  floor.leaveAll(b)
  floor.begin('last', a)
  floor.end('last', 2_000_000, INTERVAL_MS)
  expect(floor.size).toBe(1)
})
