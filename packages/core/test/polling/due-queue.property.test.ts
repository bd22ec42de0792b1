import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueQueue, type Due } from '../../src/polling/due-queue.ts'

type Step =
  | { readonly do: 'add'; readonly dueAt: number }
  | { readonly do: 'take' }
  | { readonly do: 'remove'; readonly pick: number }

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constant('add' as const), dueAt: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('remove' as const), pick: fc.nat() }),
  ),
  { maxLength: 200 },
)

test('gives what a sorted list gives, whatever comes and goes', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const queue = new DueQueue<Due>()
      const model: Due[] = []
      for (const step of sequence) {
        if (step.do === 'add') {
          const entry = { dueAt: step.dueAt, queueIndex: -1 }
          queue.add(entry)
          model.push(entry)
        } else if (step.do === 'take') {
          const taken = queue.take()
          expect(taken?.dueAt).toBe(
            model.length === 0 ? undefined : Math.min(...model.map(({ dueAt }) => dueAt)),
          )
          if (taken) model.splice(model.indexOf(taken), 1)
        } else {
          const [entry] = model.splice(step.pick % Math.max(1, model.length), 1)
          if (entry) queue.remove(entry)
        }
        expect(queue.size).toBe(model.length)
      }
      for (const entry of model.toSorted((a, b) => a.dueAt - b.dueAt))
        expect(queue.take()?.dueAt).toBe(entry.dueAt)
      expect(queue.peek()).toBeUndefined()
    }),
  )
})

test('refuses to remove an entry that it does not hold', () => {
  const queue = new DueQueue<Due>()
  const entry = { dueAt: 1, queueIndex: -1 }
  queue.add(entry)
  expect(() => queue.remove({ dueAt: 1, queueIndex: 0 })).toThrow(RangeError)
  queue.remove(entry)
  expect(() => queue.remove(entry)).toThrow(RangeError)
})
