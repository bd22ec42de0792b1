import { refuse } from '@teams-operations/simulator'
import { config, repeat, retry, switchMap, take, type Subscription } from 'rxjs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OperationState } from '../../src/operation/operation-state.ts'
import { toAsyncIterable } from '../../src/streams/to-async-iterable.ts'
import { record } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000

/** A client, and an operation that is in progress for 20 seconds. */
function withOperation(): SimulatedClient & { readonly location: string } {
  const simulated = createSimulatedClient()
  const { location } = simulated.simulator.tenant.addOperation({ script: { inProgressMs: 20_000 } })
  return { ...simulated, location }
}

describe('a subscriber that throws', () => {
  const mine = new Error('mine')
  const unhandled = vi.fn<(error: unknown) => void>()

  beforeEach(() => {
    unhandled.mockClear()
    config.onUnhandledError = unhandled
    // RxJS reports what a subscriber throws from a timer of its own.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
  })

  afterEach(() => {
    config.onUnhandledError = null
    vi.useRealTimers()
  })

  function fail(): never {
    throw mine
  }

  const handlers = [
    ['next', { next: fail }, 2],
    ['complete', { complete: fail }, 1],
  ] as const

  test.each(handlers)('in %s harms neither the polling nor the others', async (_, observer, times) => {
    const { simulator, clock, operations, location } = withOperation()
    const before = record(operations.watch(location))
    operations.watch(location).subscribe(observer)
    const after = record(operations.events(location))
    await clock.advance(HOUR_MS)
    vi.runAllTimers()
    for (const { values, completed } of [before, after]) {
      expect(values.length).toBeGreaterThanOrEqual(2)
      expect(completed).toBe(true)
    }
    expect(simulator.journal.gapsOf(location)).toHaveLength(1)
    expect(unhandled.mock.calls).toEqual(Array.from({ length: times }, () => [mine]))
  })

  test.each(handlers)('in %s of events harms nobody either', async (_, observer) => {
    const { clock, operations, location } = withOperation()
    operations.events(location).subscribe(observer)
    const after = record(operations.watch(location))
    await clock.advance(HOUR_MS)
    vi.runAllTimers()
    expect(after).toMatchObject({ completed: true, values: { length: 2 } })
    expect(unhandled).toHaveBeenCalledWith(mine)
  })

  test('in error harms nobody else', async () => {
    const { simulator, clock, operations, location } = withOperation()
    simulator.use(refuse(403, 'Forbidden', 'No.'))
    operations.watch(location).subscribe({ error: fail })
    const after = record(operations.watch(location))
    await clock.advance(1_000)
    vi.runAllTimers()
    expect(after.error).toMatchObject({ code: 'ACCESS_DENIED' })
    expect(unhandled).toHaveBeenCalledExactlyOnceWith(mine)
  })

  test('without a handler for errors has its error reported, and nothing else happens', async () => {
    const { simulator, clock, operations, location } = withOperation()
    simulator.use(refuse(403, 'Forbidden', 'No.'))
    operations.watch(location).subscribe()
    const after = record(operations.watch(location))
    await clock.advance(1_000)
    vi.runAllTimers()
    expect(after.error).toMatchObject({ code: 'ACCESS_DENIED' })
    expect(unhandled).toHaveBeenCalledExactlyOnceWith(after.error)
  })

  test('in followed harms nobody', async () => {
    const { clock, operations, location } = withOperation()
    operations.followed().subscribe(fail)
    const states = record(operations.watch(location))
    const overview = record(operations.followed())
    await clock.advance(HOUR_MS)
    vi.runAllTimers()
    expect(states.completed).toBe(true)
    expect(overview.values.length).toBeGreaterThanOrEqual(3)
    expect(unhandled).toHaveBeenCalledWith(mine)
  })
})

describe('a subscriber that acts inside next', () => {
  test('and unsubscribes itself, being the last, stops the polling', async () => {
    const { simulator, clock, operations, location } = withOperation()
    const subscription: Subscription = operations.watch(location).subscribe(() => subscription.unsubscribe())
    await clock.advance(1_000)
    expect(subscription.closed).toBe(true)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.checks).toBe(1)
  })

  test('and unsubscribes itself while a known state is replayed leaves nothing behind', async () => {
    const { simulator, clock, operations, location } = withOperation()
    record(operations.watch(location)).subscription.add(() => {})
    await clock.advance(1_000)
    const first = record(operations.watch(location).pipe(take(1)))
    expect(first).toMatchObject({ completed: true, values: { length: 1 } })
    expect(operations.stats().followed).toBe(1)
    expect(simulator.journal.counts.checks).toBe(1)
  })

  test('and unsubscribes another leaves it without the state', async () => {
    const { clock, operations, location } = withOperation()
    const later: { subscription?: Subscription } = {}
    record(operations.watch(location)).subscription.add(() => {})
    operations.watch(location).subscribe(() => later.subscription?.unsubscribe())
    const victim = record(operations.watch(location))
    later.subscription = victim.subscription
    const last = record(operations.watch(location))
    await clock.advance(1_000)
    expect(victim.values).toEqual([])
    expect(last.values).toHaveLength(1)
  })

  test('and subscribes another gives that one each state once', async () => {
    const { clock, operations, location } = withOperation()
    let joined: ReturnType<typeof record<OperationState>> | undefined
    operations.watch(location).subscribe(() => (joined ??= record(operations.watch(location))))
    await clock.advance(HOUR_MS)
    expect(joined?.values.map(({ operation }) => operation.status)).toEqual(['inProgress', 'succeeded'])
    expect(joined?.completed).toBe(true)
  })

  test('and asks for the same operation gets the same state, without another check', async () => {
    const { simulator, clock, operations, location } = withOperation()
    const got: unknown[] = []
    const states = record(
      operations.watch(location).pipe(switchMap(async (state) => [state, await operations.get(location)])),
    )
    states.subscription.add(() => got.push('done'))
    await clock.advance(HOUR_MS)
    for (const pair of states.values) expect(pair[0]).toBe(pair[1])
    expect(states.values).toHaveLength(2)
    expect(simulator.journal.counts.checks).toBe(2)
  })

  test('and disposes of the client ends with it', async () => {
    const { simulator, clock, operations, location } = withOperation()
    const states = record(operations.watch(location))
    operations.watch(location).subscribe(() => void operations[Symbol.asyncDispose]())
    const others = record(operations.watch(location))
    await clock.advance(HOUR_MS)
    expect([states.completed, others.completed]).toEqual([true, true])
    expect(simulator.journal.counts.checks).toBe(1)
  })
})

describe('a subscriber that subscribes again', () => {
  test('when the operation has ended gets its end again, and no check is made', async () => {
    const { simulator, clock, operations, location } = withOperation()
    const states = record(operations.watch(location).pipe(repeat(3)))
    await clock.advance(HOUR_MS)
    expect(states.values.map(({ operation }) => operation.status)).toEqual([
      'inProgress',
      'succeeded',
      'succeeded',
      'succeeded',
    ])
    expect(simulator.journal.counts.checks).toBe(2)
  })

  test('when the operation cannot be followed waits for the 30 seconds each time', async () => {
    const { simulator, clock, operations, location } = withOperation()
    simulator.use(refuse(403, 'Forbidden', 'No.'))
    record(operations.watch(location).pipe(retry()))
    await clock.advance(HOUR_MS)
    const gaps = simulator.journal.gapsOf(location)
    expect(gaps.length).toBeGreaterThan(100)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(31_000)
  })

  test('at every state, which cancels the subscription before, misses none', async () => {
    const { simulator, clock, operations, location } = withOperation()
    const statuses: string[] = []
    let subscription: Subscription | undefined
    const subscribe = (): void => {
      const before = subscription
      subscription = operations.watch(location).subscribe(({ operation }) => {
        if (statuses.at(-1) === operation.status) return
        statuses.push(operation.status)
        subscribe()
      })
      before?.unsubscribe()
    }
    subscribe()
    await clock.advance(HOUR_MS)
    expect(statuses).toEqual(['inProgress', 'succeeded'])
    expect(simulator.journal.counts.checks).toBe(2)
  })
})

describe('toAsyncIterable', () => {
  test('gives the states of an operation to a loop, which ends with it', async () => {
    const { clock, operations, location } = withOperation()
    const statuses: string[] = []
    const loop = (async () => {
      for await (const { operation } of toAsyncIterable(operations.watch(location)))
        statuses.push(operation.status)
    })()
    await clock.advance(HOUR_MS)
    await loop
    expect(statuses).toEqual(['inProgress', 'succeeded'])
  })

  test('lets go of the operation at once, also while a value is waited for', async () => {
    const { simulator, clock, operations, location } = withOperation()
    const iterator = toAsyncIterable(operations.watch(location))
    await clock.advance(0)
    const first = iterator.next()
    await clock.advance(1_000)
    await expect(first).resolves.toMatchObject({ value: { operation: { status: 'inProgress' } } })
    const pending = iterator.next()
    await iterator.return()
    await expect(pending).resolves.toEqual({ done: true, value: undefined })
    await clock.advance(0)
    expect(operations.stats().followed).toBe(0)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.checks).toBe(1)
  })

  test('passes on why the operation cannot be followed', async () => {
    const { simulator, clock, operations, location } = withOperation()
    simulator.use(refuse(403, 'Forbidden', 'No.'))
    const next = expect(toAsyncIterable(operations.watch(location)).next()).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
    await clock.advance(1_000)
    await next
  })
})
