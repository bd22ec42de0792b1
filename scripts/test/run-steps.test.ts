import { describe, expect, test } from 'vitest'
import { runSteps } from '../check/run-steps.ts'
import type { Step, StepResult } from '../check/step.ts'

/** A step that ends when it is told to. */
function manualStep(
  name: string,
  more: Partial<Step> = {},
): Step & { end(ok: boolean): Promise<void>; started: boolean } {
  const { promise, resolve } = Promise.withResolvers<StepResult>()
  const step = {
    name,
    about: '',
    started: false,
    run: () => {
      step.started = true
      return promise
    },
    async end(ok: boolean) {
      resolve({ ok, output: '' })
      await settled()
    },
    ...more,
  }
  return step
}

/** All that can go on without time passing has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

function run(steps: readonly Step[], cores = 2, signal: AbortSignal = new AbortController().signal) {
  const outcomes: string[] = []
  const ended = runSteps(
    steps,
    signal,
    ({ step, ok }) => outcomes.push(`${step.name} ${ok ? 'ok' : 'failed'}`),
    cores,
  )
  return { outcomes, ended }
}

describe('running steps', () => {
  test('keeps all cores busy, and no more', async () => {
    const [a, b, c] = [manualStep('a'), manualStep('b'), manualStep('c')]
    const { outcomes, ended } = run([a, b, c])
    expect([a.started, b.started, c.started]).toEqual([true, true, false])
    await b.end(true)
    expect(c.started).toBe(true)
    await c.end(false)
    await a.end(true)
    await ended
    expect(outcomes).toEqual(['b ok', 'c failed', 'a ok'])
  })

  test('waits for what comes first, however it ends', async () => {
    const [a, b] = [manualStep('a'), manualStep('b', { after: ['a'] })]
    const { outcomes, ended } = run([b, a])
    expect([b.started, a.started]).toEqual([false, true])
    await a.end(false)
    expect(b.started).toBe(true)
    await b.end(true)
    await ended
    expect(outcomes).toEqual(['a failed', 'b ok'])
  })

  test('does not wait for what was not chosen', async () => {
    const b = manualStep('b', { after: ['a'] })
    const { outcomes, ended } = run([b])
    await b.end(true)
    await ended
    expect(outcomes).toEqual(['b ok'])
  })

  test('takes an exception for a failure, and shows it', async () => {
    const broken: Step = { name: 'broken', about: '', run: () => Promise.reject(new Error('no such disk')) }
    const [finished] = await run([broken]).ended
    expect(finished).toMatchObject({ ok: false, output: expect.stringContaining('no such disk') })
  })

  test('starts nothing more once it is stopped', async () => {
    const stopping = new AbortController()
    const [a, b] = [manualStep('a'), manualStep('b')]
    const { outcomes, ended } = run([a, b], 1, stopping.signal)
    stopping.abort()
    await a.end(false)
    await ended
    expect(b.started).toBe(false)
    expect(outcomes).toEqual([])
  })
})
