import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Answer } from '../../src/graph/answer.ts'
import type { OperationRef } from '../../src/operation/operation-ref.ts'
import { MemoryStore } from '../../src/polling/memory-store.ts'
import { Poller } from '../../src/polling/poller.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { seededRandom } from '../client/simulated-client.ts'
import { refOf } from '../states.ts'
import { found, refused, ScriptedReader } from './scripted-reader.ts'

const OPERATIONS = 30

/** Thirty operations of five teams and three chats, so that the limits of both matter. */
const refs: readonly OperationRef[] = Array.from({ length: OPERATIONS }, (_, index) => {
  const ref = refOf(index)
  const owner = index % 3 === 0 ? { chatId: `19:${index % 9}@thread.v2` } : refOf(index % 5).owner
  return { ...ref, location: `${index}`, owner }
})

type Action =
  | { readonly do: 'follow' | 'unfollow' | 'remember'; readonly index: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'admit' }
  | { readonly do: 'throttle'; readonly ms: number }

const index = fc.nat(OPERATIONS - 1)
const actions = fc.array(
  fc.oneof<fc.WeightedArbitrary<Action>[]>(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('follow' as const), index }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('unfollow' as const), index }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remember' as const), index }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(50_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -1e7, max: 1e7 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('admit' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('throttle' as const), ms: fc.nat(100_000) }) },
  ),
  { minLength: 20, maxLength: 120 },
)

test(
  'no schedule breaks the 30 seconds, the budget, or the limit of a team or chat',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        actions,
        fc.nat(),
        fc.constantFrom(0.03, 0.1, 0.5, 1),
        async (schedule, seed, quotaShare) => {
          const random = seededRandom(seed)
          const clock = createVirtualClock()
          const reader = new ScriptedReader(
            clock,
            (ref) => (random() < 0.02 ? undefined : anyAnswer(ref, random())),
            () => (random() < 0.3 ? 0 : Math.floor(random() * 8_000)),
          )
          const sent: number[] = []
          const poller = new Poller({
            reader,
            store: new MemoryStore(() => clock.monotonic()),
            clock,
            random,
            intervalMs: 31_000,
            alignMs: 2_000,
            firstCheckDelayMs: 8_000,
            quotaShare,
            report: () => {},
          })
          for (const action of schedule) {
            if (action.do === 'wait') await clock.advance(action.ms)
            else if (action.do === 'jump') clock.jump(action.ms)
            else if (action.do === 'throttle') poller.throttled(action.ms || undefined)
            else if (action.do === 'admit')
              void poller.admit('read').then(
                () => sent.push(clock.monotonic()),
                () => {},
              )
            else if (action.do === 'follow') void poller.follow(refs[action.index] as OperationRef)
            else if (action.do === 'remember') void poller.remember(refs[action.index] as OperationRef)
            else void poller.unfollow(`${action.index}`)
          }
          await clock.advance(120_000)

          expect(reader.shortestGapMs()).toBeGreaterThan(30_000)
          const checks = reader.requests.flatMap(({ startedAt, locations }) =>
            locations.map((location) => ({ at: startedAt, owner: ownerOf(location) })),
          )
          const all = [...checks.map(({ at }) => at), ...sent].toSorted((a, b) => a - b)
          expect(densest(all)).toBeLessThanOrEqual(Math.max(1, 30 * quotaShare))
          for (const [owner, ofOwner] of Map.groupBy(checks, (check) => check.owner)) {
            expect(densest(ofOwner.map(({ at }) => at))).toBeLessThanOrEqual(owner.startsWith('19:') ? 1 : 4)
          }
          expect(reader.requests.every(({ locations }) => locations.length <= 20)).toBe(true)

          poller.dispose()
          await clock.advance(0)
          const leftOver = clock.pendingTimers
          // What the scripted Graph has not answered yet is all that may be left.
          expect(leftOver).toBeLessThanOrEqual(
            reader.requests.filter(({ endedAt }) => endedAt === undefined).length,
          )
        },
      ),
      { numRuns: 150 },
    )
  },
)

test('whoever is followed is checked, whatever went on before', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(actions, fc.nat(), async (schedule, seed) => {
      const random = seededRandom(seed)
      const clock = createVirtualClock()
      const reader = new ScriptedReader(clock, undefined, () => Math.floor(random() * 3_000))
      const poller = new Poller({
        reader,
        store: new MemoryStore(() => clock.monotonic()),
        clock,
        random,
        intervalMs: 31_000,
        alignMs: 2_000,
        firstCheckDelayMs: 8_000,
        quotaShare: 0.5,
        report: () => {},
      })
      const followed = new Set<number>()
      for (const action of schedule) {
        if (action.do === 'wait') await clock.advance(action.ms)
        else if (action.do === 'follow') {
          followed.add(action.index)
          void poller.follow(refs[action.index] as OperationRef)
        } else if (action.do === 'unfollow') {
          followed.delete(action.index)
          void poller.unfollow(`${action.index}`)
        }
      }
      await clock.advance(0)
      const before = reader.requests.length
      await clock.advance(60_000)
      const checked = new Set(reader.requests.slice(before).flatMap(({ locations }) => locations))
      expect([...followed].filter((each) => !checked.has(`${each}`))).toEqual([])
      expect([...checked].filter((location) => !followed.has(Number(location)))).toEqual([])
    }),
    { numRuns: 100 },
  )
})

function anyAnswer(ref: OperationRef, draw: number): Answer {
  if (draw < 0.5) return found(ref)
  if (draw < 0.55) return found(ref, 'succeeded')
  if (draw < 0.65) return refused(429, { retryAfterMs: draw < 0.6 ? 5_000 : undefined })
  if (draw < 0.7) return refused(503)
  if (draw < 0.75) return refused(404)
  if (draw < 0.8) return refused(401)
  if (draw < 0.85) return refused(403)
  if (draw < 0.9) return { kind: 'unusable', reason: 'empty', requestId: undefined }
  return { kind: 'missing', reason: 'no-connection', error: new Error('reset') }
}

function ownerOf(location: string): string {
  const { owner } = refs[Number(location)] as OperationRef
  return owner.chatId ?? owner.teamId
}

/** The most moments that any whole second holds, its end included. `moments` ascend. */
function densest(moments: readonly number[]): number {
  let most = 0
  let first = 0
  for (const [last, at] of moments.entries()) {
    while ((moments[first] as number) < at - 1_000) first += 1
    most = Math.max(most, last - first + 1)
  }
  return most
}
