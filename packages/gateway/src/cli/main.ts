#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { ReachableAddressError } from '../access/listen-address.ts'
import { ListenError } from '../server/listen-error.ts'
import { readConfiguration } from './configuration.ts'
import { ConfigurationError } from './configuration-error.ts'
import { helpText } from './help-text.ts'
import { serve } from './serve.ts'

async function run([command, ...args]: readonly string[]): Promise<void> {
  if (command === undefined || command === 'help' || wants('--help') || wants('-h')) {
    console.log(helpText())
  } else if (command === 'version' || wants('--version')) {
    console.log(packageVersion())
  } else if (command === 'serve') {
    await serve(readConfiguration(args, process.env))
    // Whatever a library left open does not keep it from ending.
    process.exit()
  } else {
    throw new ConfigurationError([`Expected serve, help or version, got "${command}".`])
  }

  function wants(flag: string): boolean {
    return command === flag || args.includes(flag)
  }
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function explain(error: unknown): void {
  if (error instanceof ConfigurationError) {
    console.error(`${error.message}\n\nteams-operations --help tells what there is.`)
    process.exitCode = 2
    return
  }
  const isExpected = error instanceof ListenError || error instanceof ReachableAddressError
  console.error(isExpected ? error.message : error)
  process.exitCode = 1
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  explain(error)
}
