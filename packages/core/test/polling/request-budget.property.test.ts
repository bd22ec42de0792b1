import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RequestBudget } from '../../src/polling/request-budget.ts'

const team = { owner: { teamId: '11111111-1111-4111-8111-111111111111' } }
const chat = { owner: { chatId: '19:a@thread.v2' } }
const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 })
/** The most of `moments` that any window of `windowMs` holds, its end included. */
const densest = (moments: readonly number[], windowMs: number): number =>
  Math.max(0, ...moments.map((start) => moments.filter((at) => at >= start && at <= start + windowMs).length))

describe('RequestBudget', () => {
  test('never lets more reads go in a second than the share allows, however they are asked for', () => {
    fc.assert(
      fc.property(gaps, fc.double({ min: 0.04, max: 1, noNaN: true }), (waits, quotaShare) => {
        const budget = new RequestBudget(quotaShare)
        const sent: number[] = []
        let now = 0
        for (const wait of waits) {
          now += wait
          const count = budget.available(now)
          budget.spend(now, count)
          for (let index = 0; index < count; index++) sent.push(now)
        }
        expect(densest(sent, 1000)).toBeLessThanOrEqual(Math.max(1, 30 * quotaShare))
        expect(densest(sent, 10_000)).toBeLessThanOrEqual(Math.max(1, 300 * quotaShare))
      }),
    )
  })

  test('gives back all of it after a second', () => {
    const budget = new RequestBudget(0.5)
    budget.spend(0, budget.available(0))
    expect(budget.available(1000)).toBe(0)
    expect(budget.freeAt(1000)).toBe(1010)
    expect(budget.available(1010)).toBe(15)
  })

  test('spreads a share of less than one read per second over more than a second', () => {
    const budget = new RequestBudget(0.01)
    expect(budget.capacity).toBe(1)
    budget.spend(0, 1)
    expect(budget.available(3366)).toBe(0)
    expect(budget.available(3367)).toBe(1)
  })

  test.each([
    ['team', team, 4],
    ['chat', chat, 1],
  ])('never admits more to one %s in a second than Graph does', (_, ref, limit) => {
    fc.assert(
      fc.property(gaps, (waits) => {
        const budget = new RequestBudget(1)
        const admitted: number[] = []
        let now = 0
        for (const wait of waits) {
          now += wait
          budget.available(now)
          const waitUntil = budget.admit(ref, now)
          if (waitUntil === 0) admitted.push(now)
          else expect(waitUntil).toBeGreaterThan(now)
        }
        expect(densest(admitted, 1000)).toBeLessThanOrEqual(limit)
        expect(admitted[0]).toBe(waits[0])
      }),
    )
  })

  test('admits at the moment that it named', () => {
    const budget = new RequestBudget(1)
    expect(budget.admit(chat, 0)).toBe(0)
    const waitUntil = budget.admit(chat, 10)
    expect(budget.admit(chat, waitUntil)).toBe(0)
  })
})
