import { expect, test } from 'vitest'
import { EndOfTurn } from '../../src/transports/end-of-turn.ts'

test('all who wait are told once, in order, when what runs now is done', async () => {
  const endOfTurn = new EndOfTurn()
  const told: string[] = []
  const waiting = (name: string): void => endOfTurn.await({ endTurn: () => told.push(name) })
  waiting('first')
  waiting('second')
  expect(told).toEqual([])
  await Promise.resolve()
  expect(told).toEqual(['first', 'second'])
  await new Promise(setImmediate)
  expect(told).toEqual(['first', 'second'])
})

test('who begins to wait while others are told is told as well, after them and before anything else comes', async () => {
  const endOfTurn = new EndOfTurn()
  const told: string[] = []
  const again = { endTurn: () => void told.push('again') }
  endOfTurn.await({
    endTurn() {
      told.push('first')
      endOfTurn.await(again)
    },
  })
  endOfTurn.await({ endTurn: () => void told.push('second') })
  setImmediate(() => told.push('next event'))
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(told).toEqual(['first', 'second', 'again', 'next event'])
})

test('in the next turn there is another end', async () => {
  const endOfTurn = new EndOfTurn()
  let told = 0
  for (let turn = 1; turn <= 3; turn++) {
    endOfTurn.await({ endTurn: () => void (told += 1) })
    await new Promise(setImmediate)
    expect(told).toBe(turn)
  }
})
