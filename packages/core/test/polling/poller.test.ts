import { beforeEach, describe, expect, test } from 'vitest'
import type { CheckReport } from '../../src/polling/check-report.ts'
import { ClientDisposedError } from '../../src/polling/client-disposed-error.ts'
import { MemoryStore } from '../../src/polling/memory-store.ts'
import type { OperationStore } from '../../src/polling/operation-store.ts'
import { Poller } from '../../src/polling/poller.ts'
import { createVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.ts'
import { refOf } from '../states.ts'
import { found, refused, ScriptedReader, type Say } from './scripted-reader.ts'

let clock: VirtualClock
let reports: CheckReport[]

beforeEach(() => {
  clock = createVirtualClock()
  reports = []
})

interface Setup {
  readonly say?: Say
  readonly latencyMs?: number
  readonly quotaShare?: number
  readonly store?: OperationStore
}

function setUp({ say, latencyMs = 0, quotaShare = 0.5, store }: Setup = {}): {
  poller: Poller
  reader: ScriptedReader
} {
  const reader = new ScriptedReader(clock, say, () => latencyMs)
  const poller = new Poller({
    reader,
    store: store ?? new MemoryStore(() => clock.monotonic()),
    clock,
    random: () => 0.5,
    intervalMs: 31_000,
    alignMs: 2_000,
    firstCheckDelayMs: 8_000,
    quotaShare,
    report: (all) => reports.push(...all),
  })
  return { poller, reader }
}

describe('when it checks', () => {
  test('checks at once, and then 31 seconds after the end of each answer, a little later at most', async () => {
    const { poller, reader } = setUp({ latencyMs: 1_500 })
    await poller.follow(refOf())
    await clock.advance(120_000)
    const [first, second, third] = reader.requests
    expect(first?.startedAt).toBe(0)
    for (const [before, after] of [
      [first, second],
      [second, third],
    ]) {
      const gap = (after?.startedAt ?? 0) - (before?.endedAt ?? 0)
      expect(gap).toBeGreaterThanOrEqual(31_000)
      expect(gap).toBeLessThanOrEqual(33_500)
    }
  })

  test('checks an operation that was started here for the first time after 8 seconds', async () => {
    const { poller, reader } = setUp()
    await poller.remember(refOf())
    await clock.advance(3_000)
    await poller.follow(refOf())
    await clock.advance(60_000)
    expect(reader.requests[0]?.startedAt).toBe(8_000)
  })

  test('sets no timer while nothing is followed', async () => {
    const { poller, reader } = setUp()
    await poller.remember(refOf())
    await clock.advance(60_000)
    expect(clock.pendingTimers).toBe(0)
    await poller.follow(refOf())
    await clock.advance(1)
    expect(clock.pendingTimers).toBe(1)
    await poller.unfollow(refOf().location)
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
    expect(reader.requests).toHaveLength(1)
  })

  test('waits for the rest of the time when an operation is followed again', async () => {
    const { poller, reader } = setUp()
    await poller.follow(refOf())
    for (let second = 0; second < 100; second++) {
      await clock.advance(500)
      await poller.unfollow(refOf().location)
      await clock.advance(500)
      const { state } = await poller.follow(refOf())
      expect(state?.operation.status).toBe('inProgress')
    }
    expect(reader.shortestGapMs()).toBeGreaterThanOrEqual(31_000)
    expect(reader.requests.length).toBeGreaterThanOrEqual(3)
  })

  test('remembers the answer that comes after the last follower has left', async () => {
    const { poller, reader } = setUp({ latencyMs: 5_000 })
    await poller.follow(refOf())
    await clock.advance(1_000)
    await poller.unfollow(refOf().location)
    await clock.advance(10_000)
    expect((await poller.follow(refOf())).state?.operation.status).toBe('inProgress')
    await clock.advance(24_000)
    expect(reader.requests).toHaveLength(1)
    await clock.advance(5_000)
    expect(reader.requests).toHaveLength(2)
  })

  test('checks no more what was left while its answer was on the way', async () => {
    const { poller, reader } = setUp({ latencyMs: 5_000 })
    await poller.follow(refOf())
    await clock.advance(1_000)
    await poller.unfollow(refOf().location)
    await clock.advance(100_000)
    expect(reader.requests).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test('checks no more what has succeeded or failed, also when it is followed again', async () => {
    const { poller, reader } = setUp({ say: (ref) => found(ref, 'failed') })
    await poller.follow(refOf())
    await clock.advance(100_000)
    expect((await poller.follow(refOf())).state?.operation.status).toBe('failed')
    await clock.advance(100_000)
    expect(reader.requests).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test('is not moved by the time of day', async () => {
    const { poller, reader } = setUp()
    await poller.follow(refOf())
    await clock.advance(10_000)
    clock.jump(3_600_000)
    await clock.advance(10_000)
    expect(reader.requests).toHaveLength(1)
    clock.jump(-7_200_000)
    await clock.advance(15_000)
    expect(reader.requests).toHaveLength(2)
    expect(reader.shortestGapMs()).toBeGreaterThanOrEqual(31_000)
  })
})

describe('how operations travel', () => {
  test('takes up to the budget of a second along in one request', async () => {
    const { poller, reader } = setUp({ quotaShare: 1 })
    for (let index = 0; index < 50; index++) void poller.follow(refOf(index))
    await clock.advance(3_000)
    expect(reader.requests.map(({ locations }) => locations.length)).toEqual([20, 10, 20])
    expect(reader.requests.map(({ startedAt }) => startedAt)).toEqual([0, 0, 1_010])
  })

  test('keeps operations of a chat out of the batches of teams: they are in another version of Graph', async () => {
    const { poller, reader } = setUp()
    const chat = {
      location: `/chats('19:a@thread.v2')/operations('x')`,
      operationId: 'x',
      owner: { chatId: '19:a@thread.v2' },
    }
    for (const ref of [refOf(1), chat, refOf(2)]) void poller.follow(ref)
    await clock.advance(0)
    expect(reader.requests.map(({ locations }) => locations)).toEqual([
      [refOf(1).location, refOf(2).location],
      [chat.location],
    ])
  })

  test('never asks more than 4 of one team or 1 of one chat in a second, and gets to all', async () => {
    const { poller, reader } = setUp({ quotaShare: 1 })
    const owners = [{ teamId: '11111111-1111-4111-8111-111111111111' }, { chatId: '19:a@thread.v2' }] as const
    const refs = Array.from({ length: 40 }, (_, index) => {
      const owner = owners[index % 2] as (typeof owners)[number]
      return { location: `${index}`, operationId: `${index}`, owner }
    })
    for (const ref of refs) void poller.follow(ref)
    await clock.advance(30_000)
    for (const [parity, limit] of [
      [0, 4],
      [1, 1],
    ] as const) {
      const moments = reader.requests.flatMap(({ startedAt, locations }) =>
        locations.filter((location) => Number(location) % 2 === parity).map(() => startedAt),
      )
      expect(moments).toHaveLength(20)
      for (const start of moments) {
        expect(moments.filter((at) => at >= start && at <= start + 1_000).length).toBeLessThanOrEqual(limit)
      }
    }
  })

  test('lets first checks have half of the budget while repeated ones wait', async () => {
    const { poller, reader } = setUp()
    for (let index = 0; index < 600; index++) void poller.follow(refOf(index))
    await clock.advance(60_000)
    const before = reader.requests.length
    for (let index = 600; index < 700; index++) void poller.follow(refOf(index))
    await clock.advance(10_000)
    const newcomers = new Set(Array.from({ length: 100 }, (_, index) => refOf(600 + index).location))
    const firsts = reader.requests
      .slice(before)
      .flatMap(({ locations }) => locations)
      .filter((location) => newcomers.has(location)).length
    expect(firsts).toBeGreaterThanOrEqual(65)
    expect(firsts).toBeLessThanOrEqual(80)
  })
})

describe('what can go wrong', () => {
  test.each([
    [408, 'graph-unavailable'],
    [429, 'throttled'],
    [500, 'graph-unavailable'],
    [502, 'graph-unavailable'],
    [503, 'graph-unavailable'],
    [504, 'graph-unavailable'],
    [509, 'throttled'],
    [302, 'graph-unavailable'],
  ])('a %i is a problem of checking (%s), not of the operation', async (status, code) => {
    const { poller, reader } = setUp({ say: (ref, check) => (check === 2 ? refused(status) : found(ref)) })
    await poller.follow(refOf())
    await clock.advance(40_000)
    expect(reports.map(({ kind }) => kind)).toEqual(['found', 'failed'])
    expect(reports[1]).toMatchObject({
      problem: { code, requestId: `request-${status}`, sinceAt: reports[1]?.at },
      state: { checks: 2, revision: 1, problem: { code } },
    })
    await clock.advance(60_000)
    expect(reports[2]).toMatchObject({
      kind: 'found',
      changed: false,
      state: { problem: undefined, checks: 3 },
    })
    expect(reader.shortestGapMs()).toBeGreaterThanOrEqual(31_000)
  })

  test.each([['no-connection'], ['no-answer'], ['no-token']] as const)('%s is survived', async (reason) => {
    const { poller } = setUp({
      say: (ref, check) => (check < 4 ? { kind: 'missing', reason, error: new Error('why') } : found(ref)),
    })
    await poller.follow(refOf())
    await clock.advance(300_000)
    expect(
      reports.slice(0, 4).map((report) => (report.kind === 'failed' ? report.problem.code : report.kind)),
    ).toEqual([reason, reason, reason, 'found'])
    expect(reports[2]).toMatchObject({
      problem: { sinceAt: reports[0]?.at, message: expect.stringContaining('why') },
    })
  })

  test('goes on for ever while Graph is down', async () => {
    const { poller, reader } = setUp({ say: () => refused(503) })
    await poller.follow(refOf())
    await clock.advance(86_400_000)
    expect(reader.requests.length).toBeGreaterThan(200)
    expect(reports.every(({ kind }) => kind === 'failed')).toBe(true)
  })

  test('a second 401 in a row, to a fresh token, ends it', async () => {
    const { poller, reader } = setUp({ say: () => refused(401) })
    await poller.follow(refOf())
    await clock.advance(200_000)
    expect(reports.map(({ kind }) => kind)).toEqual(['failed', 'given-up'])
    expect(reports[1]).toMatchObject({ error: { code: 'AUTHENTICATION', requestId: 'request-401' } })
    expect(reader.shortestGapMs()).toBeGreaterThanOrEqual(31_000)
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([
    [403, 'ACCESS_DENIED'],
    [400, 'GRAPH_REQUEST'],
    [409, 'GRAPH_REQUEST'],
    [410, 'OPERATION_LOST'],
  ])('a %i ends it with %s and the last state', async (status, code) => {
    const { poller } = setUp({ say: (ref, check) => (check === 1 ? found(ref) : refused(status)) })
    await poller.follow(refOf())
    await clock.advance(100_000)
    expect(reports).toHaveLength(2)
    expect(reports[1]).toMatchObject({
      kind: 'given-up',
      error: { code, requestId: `request-${status}`, lastState: { operation: { status: 'inProgress' } } },
    })
  })

  test('a 404 is waited out for two minutes after the start, and then the operation is lost', async () => {
    const { poller } = setUp({ say: () => refused(404) })
    await poller.follow(refOf())
    await clock.advance(119_000)
    expect(reports.length).toBeGreaterThanOrEqual(3)
    expect(
      reports.every((report) => report.kind === 'failed' && report.problem.code === 'not-replicated'),
    ).toBe(true)
    await clock.advance(60_000)
    expect(reports.at(-1)).toMatchObject({ kind: 'given-up', error: { code: 'OPERATION_LOST' } })
  })

  test('who follows an operation after that has the one more try as well, and no problem of before', async () => {
    const { poller } = setUp({
      say: (ref, check) => (check === 1 || check > 4 ? found(ref) : refused(401)),
    })
    await poller.follow(refOf())
    await clock.advance(100_000)
    expect(reports.map(({ kind }) => kind)).toEqual(['found', 'failed', 'given-up'])
    const { state } = await poller.follow(refOf())
    expect(state).toMatchObject({ checks: 3, problem: undefined })
    await clock.advance(70_000)
    expect(reports.slice(3).map(({ kind }) => kind)).toEqual(['failed', 'found', 'found'])
  })

  test('an operation that could not be followed may be tried again, 31 seconds later', async () => {
    const { poller, reader } = setUp({ say: (ref, check) => (check === 1 ? refused(403) : found(ref)) })
    await poller.follow(refOf())
    await clock.advance(1)
    await poller.follow(refOf())
    await clock.advance(60_000)
    expect(reports.map(({ kind }) => kind)).toEqual(['given-up', 'found'])
    expect(reader.shortestGapMs()).toBeGreaterThanOrEqual(31_000)
  })

  test.each([['invalid'], ['unknownFutureValue'], ['somethingNew']])(
    'goes on checking at the status %s',
    async (status) => {
      const { poller } = setUp({ say: (ref) => found(ref, status) })
      await poller.follow(refOf())
      await clock.advance(70_000)
      expect(reports).toHaveLength(3)
    },
  )

  test('a reader that rejects or gives too few answers is no more than a problem', async () => {
    const { poller } = setUp()
    const broken = new Poller({
      reader: { read: async () => [] },
      store: new MemoryStore(() => clock.monotonic()),
      clock,
      random: () => 0.5,
      intervalMs: 31_000,
      alignMs: 0,
      firstCheckDelayMs: 0,
      quotaShare: 1,
      report: (all) => reports.push(...all),
    })
    poller.dispose()
    await broken.follow(refOf())
    await clock.advance(1)
    expect(reports).toMatchObject([{ kind: 'failed', problem: { code: 'no-connection' } }])
  })
})

describe('throttling', () => {
  test('Retry-After of one operation holds back all, and requests outside polling', async () => {
    const { poller, reader } = setUp({
      say: (ref, check) =>
        ref.location === refOf(1).location && check === 1
          ? refused(429, { retryAfterMs: 45_000 })
          : found(ref),
    })
    await poller.follow(refOf(1))
    await clock.advance(2_000)
    await poller.follow(refOf(2))
    let admitted = false
    const admission = poller.admit('start').then(() => (admitted = true))
    await clock.advance(42_900)
    expect(reader.requests).toHaveLength(1)
    expect(admitted).toBe(false)
    await clock.advance(10_000)
    await admission
    expect(reader.requests.map(({ startedAt }) => startedAt)).toEqual([0, 45_000])
    expect(reports[0]?.nextCheckAt).toBeGreaterThanOrEqual((reports[0]?.at ?? 0) + 45_000)
  })

  test('a short Retry-After never brings a check forward', async () => {
    const { poller, reader } = setUp({ say: () => refused(429, { retryAfterMs: 1 }) })
    await poller.follow(refOf())
    await clock.advance(600_000)
    expect(reader.shortestGapMs()).toBeGreaterThanOrEqual(31_000)
  })

  test('Retry-After of an answer that is none of a throttled one delays that operation alone', async () => {
    const { poller, reader } = setUp({
      say: (ref) => ({
        ...found(ref),
        ...(ref.location === refOf(1).location ? { retryAfterMs: 90_000 } : {}),
      }),
    })
    await poller.follow(refOf(1))
    await poller.follow(refOf(2))
    await clock.advance(89_000)
    expect(reader.checksOf(refOf(1))).toHaveLength(1)
    expect(reader.checksOf(refOf(2))).toHaveLength(3)
    await clock.advance(2_000)
    expect(reader.checksOf(refOf(1))).toHaveLength(2)
  })

  test('no request leaves during a pause that begins while operations are being claimed', async () => {
    const store = new MemoryStore(() => clock.monotonic())
    const { poller, reader } = setUp({ store })
    const claim = store.claim.bind(store)
    store.claim = async (request) => {
      const claimed = await claim(request)
      if (clock.monotonic() === 0) poller.throttled(10_000)
      return claimed
    }
    await poller.follow(refOf())
    await clock.advance(60_000)
    expect(reader.requests[0]?.startedAt).toBe(10_000)
  })
})

describe('requests outside polling', () => {
  test('share the budget of reads', async () => {
    const { poller } = setUp()
    const admitted: number[] = []
    for (let index = 0; index < 40; index++)
      void poller.admit('read').then(() => admitted.push(clock.monotonic()))
    await clock.advance(10_000)
    expect(admitted).toHaveLength(40)
    for (const start of admitted) {
      expect(admitted.filter((at) => at >= start && at <= start + 1_000).length).toBeLessThanOrEqual(15)
    }
  })

  test('do not wait for the budget of reads when they start something', async () => {
    const { poller } = setUp({ quotaShare: 0.01 })
    const { owner } = refOf()
    const admitted: number[] = []
    for (let index = 0; index < 4; index++) void poller.follow(refOf(10 + index))
    for (let index = 0; index < 9; index++) {
      void poller.admit('start', undefined, owner).then(() => admitted.push(clock.monotonic()))
    }
    await clock.advance(6_000)
    expect(admitted).toHaveLength(9)
    expect(clock.pendingTimers).toBe(1)
  })

  test('do not starve the checks', async () => {
    const { poller, reader } = setUp()
    for (let index = 0; index < 1_000; index++) void poller.admit('read')
    for (let index = 0; index < 60; index++) void poller.follow(refOf(index))
    await clock.advance(10_000)
    expect(reader.requests.flatMap(({ locations }) => locations).length).toBeGreaterThanOrEqual(55)
  })

  test('leave the queue when they are aborted', async () => {
    const { poller } = setUp()
    poller.throttled(10_000)
    const controller = new AbortController()
    const admission = poller.admit('read', controller.signal)
    controller.abort(new Error('enough'))
    await expect(admission).rejects.toThrow('enough')
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
    await expect(poller.admit('read', controller.signal)).rejects.toThrow('enough')
  })
})

describe('dispose', () => {
  test('aborts what is under way, leaves no timer, and tells nothing any more', async () => {
    const { poller, reader } = setUp({ latencyMs: 5_000 })
    await poller.follow(refOf())
    await clock.advance(1_000)
    poller.throttled(10_000)
    const admission = poller.admit('start')
    poller.dispose()
    await expect(admission).rejects.toThrow(ClientDisposedError)
    await clock.advance(100_000)
    expect(reader.requests).toHaveLength(1)
    expect(reports).toEqual([])
    expect(clock.pendingTimers).toBe(0)
    await expect(poller.admit('start')).rejects.toThrow(ClientDisposedError)
  })
})

describe('a store that fails', () => {
  test('lets nothing go without its guard, and is tried again', async () => {
    const store = new MemoryStore(() => clock.monotonic())
    const { poller, reader } = setUp({ store })
    const nextDueAt = store.nextDueAt.bind(store)
    store.nextDueAt = () => (clock.monotonic() < 10_000 ? Promise.reject(new Error('down')) : nextDueAt())
    await poller.follow(refOf())
    await clock.advance(60_000)
    expect(reader.requests[0]?.startedAt).toBeGreaterThanOrEqual(10_000)
    expect(reports[0]?.kind).toBe('found')
  })
})

describe('stats', () => {
  test('count as waiting only the time for which an operation was followed', async () => {
    const { poller } = setUp()
    await poller.follow(refOf())
    await clock.advance(1_000)
    await poller.unfollow(refOf().location)
    await clock.advance(500_000)
    await poller.follow(refOf())
    await clock.advance(10_000)
    expect(poller.stats()).toMatchObject({ checks: 2, waitMs: { count: 2, max: 0 } })
  })
})
