#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { createSimulator, keepBusy } from '../index.ts'
import { listen } from '../node/index.ts'
import { parseArguments, type Arguments } from './arguments.ts'
import { helpText } from './help-text.ts'
import { startText } from './start-text.ts'
import { UsageError } from './usage-error.ts'

async function serve({ port, host, speed, seed, faults, isThrottling, isBusy }: Arguments): Promise<void> {
  const simulator = createSimulator({
    time: speed === 1 ? 'real' : { speed },
    seed,
    behaviors: faults,
    throttling: isThrottling ? {} : false,
    // It may run for weeks, and nobody asks for more than what is wrong.
    journal: { keep: 'violations' },
  })
  const listening = await listen(simulator, { port, host })
  const busy = isBusy ? keepBusy(simulator) : undefined
  console.log(startText(simulator, listening.origin, busy?.running() ?? []))

  const stop = async (): Promise<void> => {
    await simulator.close()
    await listening.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

try {
  const args = parseArguments(process.argv.slice(2))
  if (args.wants === 'help') console.log(helpText)
  else if (args.wants === 'version') console.log(packageVersion())
  else await serve(args)
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nTry --help.`)
    process.exitCode = 2
  } else {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
