import { expect, test } from 'vitest'
import { createTurns, type Turns } from '../../src/access/turns.ts'

const signal = new AbortController().signal

/** Something that goes on until it is ended. */
function start(
  turns: Turns<string>,
  key: string,
  until = signal,
): { hasBegun: boolean; end: () => void; done: Promise<unknown> } {
  const ending = Promise.withResolvers<void>()
  const started = { hasBegun: false, end: ending.resolve }
  const done = turns.take(key, until, async () => {
    started.hasBegun = true
    await ending.promise
  })
  return Object.assign(started, { done })
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what is more than may be under way waits in its order, and nobody else does', async () => {
  const turns = createTurns<string>(2)
  const ofAda = Array.from({ length: 4 }, () => start(turns, 'ada'))
  const ofBob = start(turns, 'bob')
  expect(ofAda.map(({ hasBegun }) => hasBegun)).toEqual([true, true, false, false])
  expect(ofBob.hasBegun).toBe(true)
  ofAda[1]?.end()
  await settled()
  expect(ofAda.map(({ hasBegun }) => hasBegun)).toEqual([true, true, true, false])
  for (const { end } of [...ofAda, ofBob]) end()
  await Promise.all([...ofAda, ofBob].map(({ done }) => done))
  expect(turns.size).toBe(0)
})

test('who leaves while it waits is passed over', async () => {
  const turns = createTurns<string>(1)
  const leaving = new AbortController()
  const first = start(turns, 'ada')
  const left = start(turns, 'ada', leaving.signal)
  const last = start(turns, 'ada')
  leaving.abort(new Error('left'))
  await expect(left.done).rejects.toThrow('left')
  first.end()
  await settled()
  expect([left.hasBegun, last.hasBegun]).toEqual([false, true])
  last.end()
  await last.done
  expect(turns.size).toBe(0)
  await expect(start(turns, 'ada', leaving.signal).done).rejects.toThrow('left')
  expect(turns.size).toBe(0)
})

test('what fails makes room for the next', async () => {
  const turns = createTurns<string>(1)
  const failing = turns.take('ada', signal, () => Promise.reject(new Error('failed')))
  const next = turns.take('ada', signal, async () => 'done')
  await expect(failing).rejects.toThrow('failed')
  expect(await next).toBe('done')
  expect(turns.size).toBe(0)
})

test('tens of thousands may wait and leave at once', { timeout: 10_000 }, async () => {
  const turns = createTurns<string>(1)
  const first = start(turns, 'ada')
  const leaving = Array.from({ length: 20_000 }, () => new AbortController())
  const waiting = leaving.map((controller) => start(turns, 'ada', controller.signal))
  for (const controller of leaving.toReversed()) controller.abort()
  await Promise.allSettled(waiting.map(({ done }) => done))
  first.end()
  await first.done
  expect(turns.size).toBe(0)
})
