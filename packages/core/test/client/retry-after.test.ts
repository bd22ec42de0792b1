import {
  isBatch,
  isCheck,
  isItem,
  isList,
  isStart,
  throttle,
  times,
  when,
  type Exchange,
  type ExchangePredicate,
  type JournalEntry,
} from '@teams-operations/simulator'
import { firstValueFrom, from } from 'rxjs'
import { describe, expect, test, vi } from 'vitest'
import { MAX_TIMER_DELAY_MS } from '../../src/clock.ts'
import { archiveTeam } from '../../src/graph/start/archive-team.ts'
import { record } from './record.ts'
import { createSimulatedClient, type SimulatedClient } from './simulated-client.ts'

const HOUR_MS = 3_600_000
type RetryAfter = string | null | ((exchange: Exchange) => string)

const dateIn =
  (ms: number) =>
  ({ clock }: Exchange): string =>
    new Date(clock.now() + ms).toUTCString()

/** What asks to wait, and for how long it does. */
const binding: readonly (readonly [name: string, value: RetryAfter, ms: number])[] = [
  ['10', '10', 10_000],
  ['2.128', '2.128', 2_128],
  ['90', '90', 90_000],
  ['an HTTP date in 90 seconds', dateIn(90_000), 90_000],
  ['an HTTP date in a year', dateIn(365 * 24 * HOUR_MS), HOUR_MS],
  ['3600', '3600', HOUR_MS],
  ['999999999', '999999999', HOUR_MS],
]

/** What says nothing: the client backs off by its own measure. */
const rubbish: readonly (readonly [name: string, value: RetryAfter])[] = [
  ['no header', null],
  ['0', '0'],
  ['0.0', '0.0'],
  ['-5', '-5'],
  ['an HTTP date that has passed', dateIn(-90_000)],
  ['soon', 'soon'],
  ['NaN', 'NaN'],
  ['Infinity', 'Infinity'],
  ['1e400', '1e400'],
  ['10 seconds', '10 seconds'],
]

/** Which request is throttled, and how it comes to be sent. */
const places: readonly (readonly [
  where: string,
  predicate: ExchangePredicate,
  send: (simulated: SimulatedClient) => unknown,
])[] = [
  ['a check', isCheck, watchSome(1)],
  ['an item of a batch', isItem, watchSome(5)],
  ['a batch', isBatch, watchSome(5)],
  [
    'a start',
    isStart,
    ({ simulator, operations }) => operations.submit(archiveTeam(simulator.tenant.addTeam().id)),
  ],
  [
    'a list',
    isList,
    ({ simulator, operations }) =>
      firstValueFrom(from(operations.list({ teamId: simulator.tenant.addTeam().id }))),
  ],
  [
    'the read of a target',
    ({ target }) => target.route === 'team',
    ({ simulator, operations }) => operations.readTarget(`/teams('${simulator.tenant.addTeam().id}')`),
  ],
]

function watchSome(count: number): (simulated: SimulatedClient) => void {
  return ({ simulator, operations }) => {
    for (let index = 0; index < count; index++) {
      record(operations.watch(simulator.tenant.addOperation({ script: { outcome: 'stuck' } }).location))
    }
  }
}

/** Has one request throttled, then asks for all else there is. @returns how long nothing at all was sent */
async function silenceAfter(
  [, predicate, send]: (typeof places)[number],
  retryAfter: RetryAfter,
  withinMs: number,
): Promise<number> {
  // A client does not heed more than an hour, which the journal is told.
  const simulated = createSimulatedClient({
    behaviors: [when(predicate, times(1, throttle({ retryAfter })))],
    journal: { longestRetryAfterMs: HOUR_MS },
  })
  const { simulator, clock } = simulated
  const timer = vi.spyOn(clock, 'timer')
  const sent = ignoring(send(simulated))
  await clock.advance(1)
  const { length } = simulator.journal.requests
  const asked = places.map(([, , ask]) => ignoring(ask(simulated)))
  await clock.advance(withinMs)
  await Promise.all([sent, ...asked])
  const [throttled, next] = simulator.journal.requests.slice(length - 1) as [JournalEntry, JournalEntry]
  for (const [delayMs] of timer.mock.calls) expect(delayMs).toBeLessThanOrEqual(MAX_TIMER_DELAY_MS)
  return next.startedAt - (throttled.endedAt ?? Infinity)
}

async function ignoring(asked: unknown): Promise<void> {
  await Promise.resolve(asked).catch(() => {})
}

describe.each(places)('a Retry-After of %s', (...place) => {
  test.each(binding)('of %s holds every request back for so long, and no longer', async (_, value, ms) => {
    const silenceMs = await silenceAfter(place, value, ms + 5_000)
    expect(silenceMs).toBeGreaterThanOrEqual(ms)
    expect(silenceMs).toBeLessThanOrEqual(ms + 1_010)
  })

  test.each(rubbish)('that is rubbish (%s) is no reason to hurry', async (_, value) => {
    const silenceMs = await silenceAfter(place, value, 10_000)
    expect(silenceMs).toBeGreaterThanOrEqual(1_000)
    expect(silenceMs).toBeLessThanOrEqual(5_000)
  })
})

describe('while everything is throttled for an hour', () => {
  const all = [...binding, ...rubbish.map(([name, value]) => [name, value, 1_010] as const)]

  test.each(all)('with %s, there is no hot loop and no overflow', async (_, retryAfter, apartMs) => {
    const simulated = createSimulatedClient({
      behaviors: [throttle({ retryAfter })],
      journal: { longestRetryAfterMs: HOUR_MS },
    })
    const { simulator, clock, operations } = simulated
    const timer = vi.spyOn(clock, 'timer')
    watchSome(30)(simulated)
    // Whoever starts and lists again and again as soon as it was refused.
    const insist = async (ask: () => Promise<unknown>): Promise<void> => {
      while (clock.monotonic() < HOUR_MS) await ignoring(ask())
    }
    const { id: teamId } = simulator.tenant.addTeam()
    const insisting = [
      insist(() => operations.submit(archiveTeam(simulator.tenant.addTeam().id))),
      insist(() => firstValueFrom(from(operations.list({ teamId })))),
    ]
    await clock.advance(HOUR_MS)
    await operations[Symbol.asyncDispose]()
    await Promise.all(insisting)

    const moments = new Set(simulator.journal.requests.map(({ startedAt }) => startedAt))
    expect(moments.size).toBeLessThanOrEqual(HOUR_MS / apartMs + 1)
    // Two that insist, and at most as many batches as there are operations: never more at the same moment.
    expect(simulator.journal.counts.requests).toBeLessThanOrEqual(moments.size * 4)
    for (const { checks } of simulator.journal.checkSummaries()) expect(checks).toBeLessThan(HOUR_MS / 31_000)
    for (const [delayMs] of timer.mock.calls) expect(delayMs).toBeLessThanOrEqual(MAX_TIMER_DELAY_MS)
  })
})

describe('a Retry-After', () => {
  test.each([HOUR_MS, -HOUR_MS])(
    'that is a date is counted by the clock of Graph, also where that of the machine is %i ms off',
    async (offMs) => {
      const { simulator, clock, operations } = createSimulatedClient(
        { behaviors: [when(isCheck, times(1, throttle({ retryAfter: dateIn(90_000) })))] },
        ({ clock: real }) => ({
          clock: {
            now: () => real.now() + offMs,
            monotonic: () => real.monotonic(),
            timer: (delayMs, onElapsed) => real.timer(delayMs, onElapsed),
          },
        }),
      )
      const told = record(operations.events(simulator.tenant.addOperation().location))
      await clock.advance(200_000)
      expect(told.values[0]).toMatchObject({ type: 'throttled', retryAfterMs: 90_000 })
      const [gapMs] = [...simulator.journal.checkSummaries()].map(({ shortestGapMs }) => shortestGapMs)
      expect(gapMs).toBeGreaterThanOrEqual(90_000)
      expect(gapMs).toBeLessThan(125_000)
    },
  )

  test('never shortens the 30 seconds between two checks', async () => {
    const simulated = createSimulatedClient({ behaviors: [when(isCheck, throttle({ retryAfter: '1' }))] })
    watchSome(1)(simulated)
    await simulated.clock.advance(10 * 60_000)
    const [summary] = simulated.simulator.journal.checkSummaries()
    expect(summary?.checks).toBeGreaterThan(10)
    expect(summary?.shortestGapMs).toBeGreaterThanOrEqual(31_000)
  })

  test('is not shortened by a later and shorter one; of several in a batch the longest counts', async () => {
    const seconds = ['7', '60', '2']
    const simulated = createSimulatedClient({
      behaviors: [
        when(isItem, throttle({ retryAfter: ({ item }) => seconds[Number(item?.id) - 1] ?? '1' })),
        when(isList, throttle({ retryAfter: '5' })),
      ],
    })
    const { simulator, clock, operations } = simulated
    watchSome(3)(simulated)
    const { id: teamId } = simulator.tenant.addTeam()
    // Sent in the same moment as the batch.
    const listed = ignoring(firstValueFrom(from(operations.list({ teamId }))))
    await clock.advance(59_999)
    await listed
    expect(simulator.journal.requests.map(({ kind }) => kind).toSorted()).toEqual(['batch', 'list'])
    await clock.advance(40_000)
    expect(simulator.journal.requests.length).toBeGreaterThan(2)
  })

  test('is what the error of a start and of a list says', async () => {
    const { simulator, clock, operations } = createSimulatedClient({
      behaviors: [throttle({ retryAfter: '2.128' })],
    })
    const { id: teamId } = simulator.tenant.addTeam()
    const started = expect(operations.submit(archiveTeam(teamId))).rejects.toMatchObject({
      code: 'THROTTLED',
      retryAfterMs: 2_128,
    })
    const listed = expect(firstValueFrom(from(operations.list({ teamId })))).rejects.toMatchObject({
      code: 'THROTTLED',
      retryAfterMs: 2_128,
    })
    await clock.advance(10_000)
    await Promise.all([started, listed])
  })
})
