import fc from 'fast-check'
import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { toAsyncIterable } from '../../src/streams/to-async-iterable.ts'

interface Change {
  readonly key: number
  readonly revision: number
}

/** Emit a change of this key, or ask for the next value. */
const steps = fc.array(fc.oneof(fc.nat(4), fc.constant('next' as const)), { maxLength: 60 })

describe('a slow consumer of many operations', () => {
  it('sees the newest of each last, none twice and none out of order, and holds one of each at most', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const source = new Subject<Change>()
        const iterator = toAsyncIterable(source, { keyOf: ({ key }) => key })[Symbol.asyncIterator]()
        const revisions = new Map<number, number>()
        const asked: Promise<IteratorResult<Change, undefined>>[] = []
        for (const step of script) {
          if (step === 'next') asked.push(iterator.next())
          else {
            const revision = (revisions.get(step) ?? 0) + 1
            revisions.set(step, revision)
            source.next({ key: step, revision })
          }
        }
        source.complete()
        const answered = await Promise.all(asked)
        let left = 0
        for (;;) {
          const result = await iterator.next()
          if (result.done) break
          left += 1
          answered.push(result)
        }

        expect(left).toBeLessThanOrEqual(revisions.size)
        const seen = new Map<number, number>()
        for (const { done, value } of answered) {
          if (done) continue
          expect(value.revision).toBeGreaterThan(seen.get(value.key) ?? 0)
          seen.set(value.key, value.revision)
        }
        expect(seen).toEqual(revisions)
      }),
      { numRuns: 500 },
    )
  })
})
