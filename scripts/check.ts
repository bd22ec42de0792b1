import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { runSteps, type FinishedStep } from './check/run-steps.ts'
import type { Step } from './check/step.ts'
import { steps } from './check/steps.ts'

const help = `Checks everything, or the named steps.

  npm test [-- <step> …]

${steps.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n')}

The last line counts the tests: "<number> passed, <number> failed, <number> skipped".
With CI in the environment, nothing is skipped for being unchanged.`

/** @returns the exit code */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) {
    console.log(help)
    return 0
  }
  const unknown = positionals.filter((name) => !steps.some((step) => step.name === name))
  if (unknown.length > 0) {
    console.error(`Expected names of steps, got ${unknown.join(', ')}.\n\n${help}`)
    return 2
  }
  const chosen = positionals.length === 0 ? steps : steps.filter(({ name }) => positionals.includes(name))
  return check(chosen)
}

async function check(chosen: readonly Step[]): Promise<number> {
  const stopping = new AbortController()
  let stoppedBy: NodeJS.Signals | undefined
  const stop = (signal: NodeJS.Signals): void => {
    // Whoever asks twice does not want to wait.
    if (stoppedBy) process.exit(128 + constants.signals[signal])
    stoppedBy = signal
    console.log('\nStopping …')
    stopping.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)

  const startedAt = performance.now()
  const finished = await runSteps(chosen, stopping.signal, print)
  if (stoppedBy) return 128 + constants.signals[stoppedBy]
  summarize(finished, (performance.now() - startedAt) / 1000)
  return finished.every(({ ok }) => ok) ? 0 : 1
}

function print({ step, ok, seconds, note, output }: FinishedStep): void {
  const time = `${seconds.toFixed(1)} s`.padStart(8)
  console.log(`  ${step.name.padEnd(14)}${time}  ${ok ? 'ok' : 'failed'}${note ? ` (${note})` : ''}`)
  if (!ok) console.log(`\n${output.trimEnd()}\n`)
}

function summarize(finished: readonly FinishedStep[], seconds: number): void {
  const failed = finished.filter(({ ok }) => !ok).map(({ step }) => step.name)
  const outcome = failed.length === 0 ? 'Everything holds' : `Failed: ${failed.join(', ')}`
  console.log(`\n${outcome}, after ${seconds.toFixed(1)} s.`)
  const count = (kind: 'passed' | 'failed' | 'skipped'): number =>
    finished.reduce((total, { tests }) => total + (tests?.[kind] ?? 0), 0)
  // Other programs read this line: it stays the last one, and as it is.
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
}

process.exitCode = await main()
