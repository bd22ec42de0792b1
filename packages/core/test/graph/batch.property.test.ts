import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBatch, encodeBatch, MAX_BATCH_ITEMS } from '../../src/graph/batch.ts'

const items = fc.array(
  fc.record({
    path: fc.string(),
    headers: fc.dictionary(fc.string(), fc.string()),
  }),
  { minLength: 1, maxLength: MAX_BATCH_ITEMS },
)

interface SentItem {
  readonly id: string
  readonly url: string
}

describe('the batch codec', () => {
  it('gives every item an id of its own, whatever its letter case', () => {
    fc.assert(
      fc.property(items, (sent) => {
        const { requests } = JSON.parse(encodeBatch(sent)) as { requests: SentItem[] }

        expect(requests.map(({ url }) => url)).toEqual(sent.map(({ path }) => path))
        expect(new Set(requests.map(({ id }) => id.toLowerCase())).size).toBe(sent.length)
      }),
    )
  })

  it('brings every answer back to its item, in any order and among others', () => {
    const cases = items.chain((sent) => {
      const { requests } = JSON.parse(encodeBatch(sent)) as { requests: SentItem[] }
      const answers = requests.map(({ id }, index) => ({ id, status: 200, body: { index } }))
      const noise = fc.array(fc.oneof(fc.jsonValue(), fc.constant({ id: 'other', status: 200, body: {} })))
      return fc.tuple(fc.constant(sent.length), fc.subarray(answers), noise, fc.infiniteStream(fc.nat()))
    })
    fc.assert(
      fc.property(cases, ([count, answers, noise, random]) => {
        const responses: unknown[] = [...answers, ...noise.filter((value) => !hasId(value, count))]
        for (let index = responses.length - 1; index > 0; index -= 1) {
          const other = (random.next().value ?? 0) % (index + 1)
          ;[responses[index], responses[other]] = [responses[other], responses[index]]
        }

        const decoded = decodeBatch({ responses }, count)

        expect(decoded).toHaveLength(count)
        for (const [index, answer] of decoded.entries()) {
          const sent = answers.some(({ body }) => body.index === index)
          if (sent) expect(answer).toMatchObject({ status: 200, body: { index } })
          else expect(answer).toHaveProperty('reason')
        }
      }),
    )
  })

  it('has as many answers as there were items, whatever the body is', () => {
    const bodies = fc.oneof(
      fc.jsonValue(),
      fc.record({ responses: fc.jsonValue() }),
      fc.record({
        responses: fc.array(
          fc.record(
            {
              id: fc.constantFrom('1', '2', 1, null),
              status: fc.oneof(fc.integer(), fc.jsonValue()),
              headers: fc.jsonValue(),
              body: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      }),
    )
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: MAX_BATCH_ITEMS }), (body, count) => {
        const decoded = decodeBatch(body, count)

        expect(decoded).toHaveLength(count)
        for (const answer of decoded) {
          if ('reason' in answer) expect(answer.reason).not.toBe('')
          else expect(answer.headers.get('Retry-After') ?? '').toBeTypeOf('string')
        }
      }),
    )
  })
})

function hasId(value: unknown, count: number): boolean {
  if (typeof value !== 'object' || value === null || !('id' in value)) return false
  const id = Number(value.id)
  return id >= 1 && id <= count
}
