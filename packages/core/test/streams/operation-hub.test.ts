import { config, map, repeat, take, type Observable } from 'rxjs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OperationRef } from '../../src/operation/operation-ref.ts'
import type { OperationState, PollingProblem } from '../../src/operation/operation-state.ts'
import type { CheckReport } from '../../src/polling/check-report.ts'
import { ClientDisposedError } from '../../src/polling/client-disposed-error.ts'
import { OperationLostError } from '../../src/polling/operation-lost-error.ts'
import { OperationHub } from '../../src/streams/operation-hub.ts'
import { refOf, stateOf } from '../states.ts'

const ref = refOf()
const problem: PollingProblem = {
  code: 'throttled',
  message: 'Graph answered 429',
  sinceAt: 1,
  requestId: 'r',
}

let known: OperationState | undefined
let log: string[]
let hub: OperationHub

beforeEach(() => {
  known = undefined
  log = []
  hub = new OperationHub({
    follow: async ({ location }) => {
      log.push(`follow ${location}`)
      return { state: known }
    },
    unfollow: async (location) => {
      log.push(`unfollow ${location}`)
    },
  })
})

const found = (status: string, revision: number, changed = true): CheckReport => {
  const state = stateOf(ref, status, revision)
  return {
    kind: 'found',
    ref,
    at: state.checkedAt,
    nextCheckAt: state.nextCheckAt,
    state,
    changed,
    requestId: 'r',
  }
}

/** What a subscriber is told, in a word each. */
function record<T>(source: Observable<T>, show: (value: T) => unknown): unknown[] {
  const told: unknown[] = []
  source.subscribe({
    next: (value) => told.push(show(value)),
    error: (error) => told.push(error),
    complete: () => told.push('complete'),
  })
  return told
}
const watch = (everyCheck = false): unknown[] =>
  record(hub.watch(ref, { everyCheck }), ({ operation, revision }) => `${revision} ${operation.status}`)
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('watch', () => {
  test('follows once for all subscribers, and no more after the last one', async () => {
    const subscriptions = Array.from({ length: 1000 }, () =>
      hub.watch(ref, { everyCheck: false }).subscribe(),
    )
    await settled()
    for (const subscription of subscriptions.slice(1)) subscription.unsubscribe()
    expect(log).toEqual([`follow ${ref.location}`])
    subscriptions[0]?.unsubscribe()
    expect(log).toEqual([`follow ${ref.location}`, `unfollow ${ref.location}`])
    expect(hub.size).toBe(0)
  })

  test('gives a late subscriber the newest state at once, then all that follow', () => {
    const early = watch()
    hub.report([found('notStarted', 1)])
    hub.report([found('inProgress', 2)])
    const late = watch()
    expect(late).toEqual(['2 inProgress'])
    hub.report([found('succeeded', 3)])
    expect(early).toEqual(['1 notStarted', '2 inProgress', '3 succeeded', 'complete'])
    expect(late).toEqual(['2 inProgress', '3 succeeded', 'complete'])
    expect(log).not.toContain(`unfollow ${ref.location}`)
  })

  test('gives what was known before anybody listened', async () => {
    known = stateOf(ref, 'inProgress', 4)
    const told = watch()
    await settled()
    expect(told).toEqual(['4 inProgress'])
  })

  test('completes at once for an operation that is known to have ended', async () => {
    known = stateOf(ref, 'failed', 2)
    const told = watch()
    await settled()
    expect(told).toEqual(['2 failed', 'complete'])
    expect(hub.size).toBe(0)
  })

  test('does not go back to what was known when a check was quicker', async () => {
    known = stateOf(ref, 'notStarted', 1)
    const told = watch()
    hub.report([found('inProgress', 2)])
    await settled()
    expect(told).toEqual(['2 inProgress'])
  })

  test('leaves out what is not new, unless every check is wanted', () => {
    const changes = watch()
    const all = watch(true)
    hub.report([found('inProgress', 1)])
    hub.report([found('inProgress', 1, false)])
    const state = { ...stateOf(ref), problem }
    hub.report([{ kind: 'failed', ref, at: 1, nextCheckAt: 2, problem, retryAfterMs: 10, state }])
    expect(changes).toEqual(['1 inProgress'])
    expect(all).toEqual(['1 inProgress', '1 inProgress', '1 inProgress'])
  })

  test('errors when the operation cannot be followed any more', () => {
    const told = watch()
    const error = new OperationLostError('gone')
    hub.report([{ kind: 'given-up', reason: 'lost', ref, at: 1, nextCheckAt: undefined, error }])
    expect(told).toEqual([error])
    expect(hub.size).toBe(0)
  })

  test('errors when it could not even be followed', async () => {
    const error = new Error('the store is out of reach')
    hub = new OperationHub({ follow: () => Promise.reject(error), unfollow: async () => {} })
    const told = watch()
    await settled()
    expect(told).toEqual([error])
  })

  test('survives a subscriber that leaves inside next', () => {
    const told: string[] = []
    const others = watch()
    const subscription = hub
      .watch(ref, { everyCheck: false })
      .pipe(take(1))
      .subscribe(({ operation }) => told.push(operation.status))
    const after = watch()
    hub.report([found('notStarted', 1)])
    hub.report([found('inProgress', 2)])
    expect(subscription.closed).toBe(true)
    expect(told).toEqual(['notStarted'])
    expect(others).toEqual(['1 notStarted', '2 inProgress'])
    expect(after).toEqual(others)
  })

  test('gives a subscriber that joins inside next each state once', () => {
    let joined: unknown[] | undefined
    hub.watch(ref, { everyCheck: false }).subscribe(() => (joined ??= watch()))
    hub.report([found('notStarted', 1)])
    expect(joined).toEqual(['1 notStarted'])
    hub.report([found('inProgress', 2)])
    expect(joined).toEqual(['1 notStarted', '2 inProgress'])
  })

  test('gives who subscribes again on completion a new stream, not one that has ended', async () => {
    known = stateOf(ref, 'succeeded', 3)
    const told = record(hub.watch(ref, { everyCheck: false }).pipe(repeat(2)), ({ revision }) => revision)
    hub.report([found('succeeded', 3)])
    await settled()
    expect(told).toEqual([3, 3, 'complete'])
    expect(log).toHaveLength(2)
  })

  test('serves all others when a subscriber throws', () => {
    const unhandled = vi.fn()
    config.onUnhandledError = unhandled
    vi.useFakeTimers()
    hub.watch(ref, { everyCheck: false }).subscribe(() => {
      throw new Error('mine')
    })
    const others = watch()
    hub.report([found('succeeded', 1)])
    vi.runAllTimers()
    expect(others).toEqual(['1 succeeded', 'complete'])
    expect(unhandled).toHaveBeenCalledOnce()
  })
  afterEach(() => {
    config.onUnhandledError = null
    vi.useRealTimers()
  })

  test('completes 100,000 subscribers without going through all of them for each', () => {
    let completed = 0
    for (let index = 0; index < 100_000; index++) {
      hub.watch(ref, { everyCheck: false }).subscribe({ complete: () => completed++ })
    }
    hub.report([found('succeeded', 1)])
    expect(completed).toBe(100_000)
  })
})

describe('events', () => {
  const events = (): unknown[] => record(hub.events(ref), (event) => event)

  test('tells all that happens, with its time and the next check', () => {
    const told = events()
    const first = found('inProgress', 1)
    hub.report([first])
    hub.report([
      { kind: 'failed', ref, at: 5, nextCheckAt: 6, problem, retryAfterMs: 10_000, state: undefined },
    ])
    const other: PollingProblem = { ...problem, code: 'no-connection' }
    hub.report([
      {
        kind: 'failed',
        ref,
        at: 7,
        nextCheckAt: 8,
        problem: other,
        retryAfterMs: undefined,
        state: undefined,
      },
    ])
    hub.report([found('succeeded', 2)])
    expect(told).toEqual([
      expect.objectContaining({ type: 'state', at: first.at, nextCheckAt: first.nextCheckAt }),
      expect.objectContaining({ type: 'checked', changed: true, requestId: 'r' }),
      { type: 'throttled', at: 5, nextCheckAt: 6, problem, retryAfterMs: 10_000 },
      { type: 'check-failed', at: 7, nextCheckAt: 8, problem: other },
      expect.objectContaining({ type: 'state' }),
      expect.objectContaining({ type: 'checked', nextCheckAt: undefined }),
      expect.objectContaining({ type: 'settled', nextCheckAt: undefined }),
      'complete',
    ])
  })

  test('begins with what is known, and ends with it if that is the end', async () => {
    known = stateOf(ref, 'failed', 2)
    const told = events()
    await settled()
    expect(told).toEqual([
      expect.objectContaining({ type: 'state', at: known.checkedAt }),
      expect.objectContaining({ type: 'settled' }),
      'complete',
    ])
  })
})

describe('followed', () => {
  test('gives the known states at once, and one value for what happens together', async () => {
    const other: OperationRef = refOf(2)
    watch()
    hub.watch(other, { everyCheck: false }).subscribe()
    hub.report([found('inProgress', 1)])
    const told = record(
      hub.followed().pipe(map((states) => states.map(({ ref: { location } }) => location))),
      (all) => all,
    )
    expect(told).toEqual([[ref.location]])
    const state = stateOf(other)
    hub.report([
      found('inProgress', 2),
      { kind: 'found', ref: other, at: 1, nextCheckAt: 2, state, changed: true, requestId: undefined },
    ])
    await settled()
    expect(told).toEqual([[ref.location], [ref.location, other.location]])
    hub.report([found('succeeded', 3)])
    await settled()
    expect(told.at(-1)).toEqual([other.location])
  })
})

describe('dispose', () => {
  test('completes every stream, and refuses new ones', () => {
    const told = [
      watch(),
      record(hub.events(ref), ({ type }) => type),
      record(hub.followed(), () => 'overview'),
    ]
    hub.dispose()
    expect(told).toEqual([['complete'], ['complete'], ['overview', 'complete']])
    expect(watch()).toEqual([expect.any(ClientDisposedError)])
    expect(record(hub.followed(), () => 'overview')).toEqual([expect.any(ClientDisposedError)])
  })
})
