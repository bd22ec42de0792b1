import { availableParallelism } from 'node:os'
import type { Step, StepResult } from './step.ts'

export interface FinishedStep extends StepResult {
  readonly step: Step
  readonly outcome: 'ok' | 'failed' | 'skipped'
  readonly seconds: number
}

/**
 * Runs steps, as many at once as there are cores, in their order as far as they allow it.
 *
 * @param onFinish is told of each as it ends
 */
export async function runSteps(
  steps: readonly Step[],
  signal: AbortSignal,
  onFinish: (finished: FinishedStep) => void,
  cores: number = availableParallelism(),
): Promise<FinishedStep[]> {
  const waiting = [...steps]
  const running = new Map<Step, Promise<void>>()
  const finished: FinishedStep[] = []

  const finish = (result: FinishedStep): void => {
    finished.push(result)
    onFinish(result)
  }
  const mayStart = (step: Step): boolean => {
    if ([...running.keys()].some(({ alone }) => alone)) return false
    if (running.size >= (step.alone ? 1 : Math.max(cores, 1))) return false
    return !steps.some(
      (other) => step.after?.includes(other.name) && !finished.some(({ step: done }) => done === other),
    )
  }
  const start = async (step: Step): Promise<void> => {
    const startedAt = performance.now()
    const result = await step.run(signal).catch((error: unknown) => ({ ok: false, output: describe(error) }))
    running.delete(step)
    const seconds = (performance.now() - startedAt) / 1000
    if (!signal.aborted) finish({ ...result, step, seconds, outcome: result.ok ? 'ok' : 'failed' })
  }

  while (waiting.length + running.size > 0 && !signal.aborted) {
    for (const step of waiting.filter((candidate) => mayStart(candidate))) {
      if (!mayStart(step)) continue
      waiting.splice(waiting.indexOf(step), 1)
      const missing = step.after?.find((name) => finished.some((done) => done.step.name === name && !done.ok))
      if (missing) {
        finish({ step, outcome: 'skipped', ok: false, output: '', seconds: 0, note: `${missing} failed` })
      } else running.set(step, start(step))
    }
    if (running.size > 0) await Promise.race(running.values())
  }
  await Promise.all(running.values())
  return finished
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
