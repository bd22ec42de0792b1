import { isCheck, latency, neverEnding, throttle, times, when } from '@teams-operations/simulator'
import { from, lastValueFrom, repeat, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { createOperationsClient } from '../../src/client.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import type { GraphResponse } from '../../src/graph/transport.ts'
import { ClientDisposedError } from '../../src/polling/client-disposed-error.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { operationBody, teamRef } from '../graph/connect.ts'
import { record } from './record.ts'
import {
  createSimulatedClient,
  disposeAfterTest,
  steadyCredential,
  type SimulatedClient,
} from './simulated-client.ts'

const HOUR_MS = 3_600_000

/** Everything that a client can be asked for, once. */
function askForEverything({ simulator, operations }: SimulatedClient): {
  readonly streams: readonly ReturnType<typeof record<unknown>>[]
  readonly promises: readonly Promise<unknown>[]
} {
  const { tenant } = simulator
  const { id: teamId } = tenant.addTeam()
  const locations = Array.from(
    { length: 4 },
    () => tenant.addOperation({ script: { outcome: 'stuck' } }).location,
  )
  const [first = '', second = '', third = '', fourth = ''] = locations
  return {
    streams: [
      record<unknown>(operations.watch(first)),
      record<unknown>(operations.watch(first, { everyCheck: true, deadlineMs: HOUR_MS })),
      record<unknown>(operations.events(second)),
      record<unknown>(operations.watch(third)),
      record<unknown>(operations.followed()),
    ],
    promises: [
      operations.get(fourth),
      operations.submit(archiveTeam(teamId)),
      lastValueFrom(from(operations.list({ teamId })).pipe(toArray())),
      operations.readTarget(`/teams('${teamId}')`),
    ],
  }
}

const moments: readonly (readonly [
  when: string,
  Parameters<typeof createSimulatedClient>,
  afterMs: number,
])[] = [
  ['before anything was sent', [], 0],
  ['while answers are on their way', [{ behaviors: [latency(5_000)] }], 1_000],
  ['while answers never come', [{ behaviors: [neverEnding({ at: 'answer' })] }], 1_000],
  ['while answers never end', [{ behaviors: [neverEnding()] }], 1_000],
  [
    'while it is held back',
    [{ behaviors: [when(isCheck, times(1, throttle({ retryAfter: '600' })))] }],
    1_000,
  ],
  ['while a token never comes', [{}, { credential: { getToken: () => new Promise(() => {}) } }], 1_000],
]

describe('dispose', () => {
  test.each(moments)('ends everything %s', async (_, setup, afterMs) => {
    const simulated = createSimulatedClient(...setup)
    const { simulator, clock, operations } = simulated
    const { streams, promises } = askForEverything(simulated)
    const settled = Promise.allSettled(promises)
    if (afterMs > 0) await clock.advance(afterMs)
    const { requests } = simulator.journal.counts
    const disposed = operations[Symbol.asyncDispose]()
    for (const { completed, error } of streams) expect({ completed, error }).toEqual({ completed: true })
    await disposed
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
    for (const outcome of await settled) {
      // What had an answer has it, all else ends.
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ClientDisposedError)
    }
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.requests).toBe(requests)
    const outcomes = simulator.journal.requests.map(({ outcome }) => outcome)
    expect(outcomes).not.toContain('pending')
  })

  test('tells nobody anything any more', async () => {
    const simulated = createSimulatedClient()
    const { clock, operations } = simulated
    const { streams, promises } = askForEverything(simulated)
    await clock.advance(100_000)
    await Promise.all(promises)
    const before = streams.map(({ values }) => values.length)
    await operations[Symbol.asyncDispose]()
    await clock.advance(HOUR_MS)
    expect(streams.map(({ values }) => values.length)).toEqual(before)
  })

  test('may be called more than once', async () => {
    const { operations } = createSimulatedClient()
    await operations[Symbol.asyncDispose]()
    await expect(operations[Symbol.asyncDispose]()).resolves.toBeUndefined()
  })

  test('is what `await using` does', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation()
    const states = await (async () => {
      await using used = operations
      const recorded = record(used.watch(location))
      await clock.advance(1_000)
      return recorded
    })()
    expect(states.completed).toBe(true)
  })

  test('does not go round with who subscribes again on completion', async () => {
    const { simulator, clock, operations } = createSimulatedClient()
    const states = record(operations.watch(simulator.tenant.addOperation().location).pipe(repeat()))
    await clock.advance(1_000)
    await operations[Symbol.asyncDispose]()
    expect(states.error).toBeInstanceOf(ClientDisposedError)
  })
})

describe('an answer after disposal', () => {
  test.each(['resolves', 'rejects'] as const)(
    'that %s has no effect, though the transport ignored the signal',
    async (how) => {
      const clock = createVirtualClock()
      const answers: (() => void)[] = []
      const operations = createOperationsClient({
        clock,
        credential: steadyCredential(clock),
        transport: {
          send: () =>
            new Promise<GraphResponse>((resolve, reject) => {
              const response = { status: 200, headers: new Headers(), body: JSON.stringify(operationBody()) }
              answers.push(() => (how === 'resolves' ? resolve(response) : reject(new Error('late'))))
            }),
        },
      })
      disposeAfterTest(operations, clock)
      const states = record(operations.watch(teamRef().location))
      const got = operations.get(teamRef(2).location).catch((error: unknown) => error)
      const started = operations.submit(archiveTeam(teamRef().owner.teamId)).catch((error: unknown) => error)
      await clock.advance(1_000)
      expect(answers.length).toBeGreaterThanOrEqual(2)
      await operations[Symbol.asyncDispose]()
      for (const answer of answers) answer()
      await clock.advance(HOUR_MS)
      expect(states.values).toEqual([])
      expect(states.completed).toBe(true)
      expect(await got).toBeInstanceOf(ClientDisposedError)
      expect(await started).toBeInstanceOf(ClientDisposedError)
      expect(operations.stats().checks).toBe(0)
    },
  )
})

describe('a client that was disposed', () => {
  test('refuses whatever it is asked for, and sends nothing', async () => {
    const simulated = createSimulatedClient()
    const { simulator, clock, operations } = simulated
    const ended = simulator.tenant.addOperation({ script: { inProgressMs: 0 } })
    await operations.get(ended.location)
    const { requests } = simulator.journal.counts
    await operations[Symbol.asyncDispose]()

    const { streams, promises } = askForEverything(simulated)
    for (const { error } of streams) expect(error).toMatchObject({ code: 'CLIENT_DISPOSED' })
    for (const promise of promises) await expect(promise).rejects.toMatchObject({ code: 'CLIENT_DISPOSED' })
    // Also what it knows.
    await expect(operations.get(ended.location)).rejects.toMatchObject({ code: 'CLIENT_DISPOSED' })
    expect(record(operations.watch(ended.location)).error).toMatchObject({ code: 'CLIENT_DISPOSED' })
    await clock.advance(HOUR_MS)
    expect(simulator.journal.counts.requests).toBe(requests)
  })

  test('still reads locations and tells its numbers', async () => {
    const { simulator, operations } = createSimulatedClient()
    const { location } = simulator.tenant.addOperation()
    await operations.get(location)
    await operations[Symbol.asyncDispose]()
    expect(operations.ref(location).location).toBe(location)
    expect(operations.stats()).toMatchObject({ checks: 1, followed: 0 })
  })
})
