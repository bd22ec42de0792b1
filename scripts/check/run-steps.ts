import { availableParallelism } from 'node:os'
import type { Step, StepResult } from './step.ts'

export interface FinishedStep extends StepResult {
  readonly step: Step
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

  const mayStart = (step: Step): boolean => {
    if (running.size >= cores) return false
    return ![...waiting, ...running.keys()].some(({ name }) => step.after?.includes(name))
  }
  const start = async (step: Step): Promise<void> => {
    const startedAt = performance.now()
    const result = await step.run(signal).catch((error: unknown) => ({ ok: false, output: describe(error) }))
    running.delete(step)
    const seconds = (performance.now() - startedAt) / 1000
    if (signal.aborted) return
    finished.push({ ...result, step, seconds })
    onFinish({ ...result, step, seconds })
  }

  while (waiting.length + running.size > 0 && !signal.aborted) {
    for (const step of [...waiting]) {
      if (!mayStart(step)) continue
      waiting.splice(waiting.indexOf(step), 1)
      running.set(step, start(step))
    }
    await Promise.race(running.values())
  }
  await Promise.all(running.values())
  return finished
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
