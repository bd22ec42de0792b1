import { describe, expect, test } from 'vitest'
import type { OperationOwner } from '../../src/operation/operation-ref.ts'
import { CoolDown } from '../../src/polling/cool-down.ts'
import { RequestBudget } from '../../src/polling/request-budget.ts'
import { RequestGate } from '../../src/polling/request-gate.ts'

/** Counts how often it is asked whether a team or chat has room. */
class CountingBudget extends RequestBudget {
  asked = 0

  override admit(ref: Parameters<RequestBudget['admit']>[0], now: number): number {
    this.asked += 1
    return super.admit(ref, now)
  }
}

function createGate(quotaShare = 0.5): {
  gate: RequestGate
  budget: CountingBudget
  enter: (name: string, kind: 'read' | 'start', owner?: OperationOwner, signal?: AbortSignal) => void
  entered: string[]
} {
  const budget = new CountingBudget(quotaShare)
  const gate = new RequestGate(budget, new CoolDown(Math.random), () => {})
  const entered: string[] = []
  return {
    gate,
    budget,
    entered,
    enter(name, kind, owner, signal) {
      gate.enter(kind, signal, owner).then(
        () => entered.push(name),
        () => {},
      )
    },
  }
}

const team = (n: number): OperationOwner => ({ teamId: `team-${n}` })

test('reads and starts are let in in the order in which they came', async () => {
  const { gate, enter, entered } = createGate()
  enter('a', 'read', team(1))
  enter('b', 'start')
  enter('c', 'read')
  enter('d', 'start', team(2))
  gate.open(0, false)
  await Promise.resolve()
  expect(entered).toEqual(['a', 'b', 'c', 'd'])
  expect(gate.wantedAt(0)).toBeUndefined()
})

test('a team without room is in nobody’s way, and its own go on in their order', async () => {
  const { gate, enter, entered } = createGate()
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']) enter(name, 'read', team(1))
  enter('b1', 'read', team(2))
  gate.open(0, false)
  await Promise.resolve()
  expect(entered).toEqual(['a1', 'a2', 'a3', 'a4', 'b1'])
  expect(gate.wantedAt(0)).toBe(1_010)
  enter('b2', 'read', team(2))
  gate.open(1_010, false)
  await Promise.resolve()
  expect(entered.slice(5)).toEqual(['a5', 'a6', 'b2'])
})

test('a start goes where reads wait for the budget', async () => {
  const { gate, budget, enter, entered } = createGate()
  budget.spend(0, budget.capacity)
  enter('read', 'read', team(1))
  enter('start', 'start', team(2))
  expect(gate.wantedAt(1_010)).toBe(0)
  gate.open(0, false)
  await Promise.resolve()
  expect(entered).toEqual(['start'])
  expect(gate.wantedAt(1_010)).toBe(1_010)
})

test('who has left is passed over, wherever they stood', async () => {
  const { gate, enter, entered } = createGate()
  const leaving = new AbortController()
  enter('first', 'read', team(1), leaving.signal)
  enter('second', 'read', team(1))
  enter('third', 'read', team(1), leaving.signal)
  enter('fourth', 'read', team(1))
  leaving.abort()
  gate.open(0, false)
  await Promise.resolve()
  expect(entered).toEqual(['second', 'fourth'])
  expect(gate.wantedAt(0)).toBeUndefined()
})

describe('with tens of thousands who wait', () => {
  const count = 20_000

  test('letting some in looks at no more than those', () => {
    const { gate, budget, enter } = createGate()
    for (let n = 0; n < count; n++) enter(`${n}`, 'read', team(n))
    gate.open(0, false)
    expect(budget.asked).toBe(budget.capacity)
  })

  test('a team without room is asked about once, however many wait for it', () => {
    const { gate, budget, enter } = createGate(1)
    for (let n = 0; n < count; n++) enter(`${n}`, 'read', team(1))
    gate.open(0, false)
    expect(budget.asked).toBe(5)
  })

  // Half a minute and more, where each that leaves is looked for among those who stay.
  test.each([
    ['of as many teams', (n: number) => team(n)],
    ['of one team', () => team(1)],
  ])('they leave in next to no time: %s', { timeout: 10_000 }, (_, owner) => {
    const { gate, enter } = createGate()
    const leaving = Array.from({ length: count }, () => new AbortController())
    for (const [n, { signal }] of leaving.entries()) enter(`${n}`, 'read', owner(n), signal)
    const startedAt = performance.now()
    for (const controller of leaving.toReversed()) controller.abort()
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(gate.wantedAt(0)).toBeUndefined()
  })
})
