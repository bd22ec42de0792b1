#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { ReachableAddressError } from '../access/listen-address.ts'
import { ListenError } from '../server/listen-error.ts'
import { check } from './check/check.ts'
import { readConfiguration } from './configuration.ts'
import { ConfigurationError } from './configuration-error.ts'
import { helpText } from './help-text.ts'
import { createLog, type Log } from './log/create-log.ts'
import { createSecrets } from './log/secrets.ts'
import { schemaText } from './schema-text.ts'
import { serve } from './serve.ts'
import { suggestion } from './suggestion.ts'

const commands = ['serve', 'check', 'schema', 'help', 'version']
const { env, stderr } = process
const secrets = createSecrets([
  env['GRAPH_TOKEN'],
  env['AZURE_CLIENT_SECRET'],
  env['AZURE_CLIENT_CERTIFICATE_PASSWORD'],
  env['AZURE_PASSWORD'],
])

async function run([command, ...args]: readonly string[]): Promise<void> {
  if (command === undefined || command === 'help' || wants('--help') || wants('-h')) {
    console.log(helpText())
  } else if (command === 'version' || wants('--version')) {
    console.log(packageVersion())
  } else if (command === 'schema') {
    console.log(schemaText(readConfiguration(args, env)))
  } else if (command === 'check') {
    const { text, isGood } = await check(readConfiguration(args, env))
    console.log(secrets.hide(text))
    // Whatever a library left open does not keep it from ending.
    process.exit(isGood ? 0 : 1)
  } else if (command === 'serve') {
    const configuration = readConfiguration(args, env)
    const readable = stderr.isTTY ?? false
    const write = (line: string): void => void stderr.write(line)
    const log = createLog({ level: configuration.logLevel, readable, secrets, write })
    logTheUnexpected(log)
    await serve(configuration, { log, secrets })
    process.exit()
  } else {
    throw new ConfigurationError([
      `Expected ${commands.join(', ')}, got "${command}".${suggestion(command, commands)}`,
    ])
  }

  function wants(flag: string): boolean {
    return command === flag || args.includes(flag)
  }
}

/** What Node would write by itself goes to the log, where no secret is to be read. */
function logTheUnexpected(log: Log): void {
  process.removeAllListeners('warning')
  process.on('warning', (error) => log.warn({ error }, 'Node warns'))
  process.on('uncaughtException', (error) => {
    log.error({ error }, 'An error that nobody caught')
    process.exit(1)
  })
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** @returns the exit code */
function explain(error: unknown): number {
  if (error instanceof ConfigurationError) {
    console.error(`${error.message}\n\nteams-operations --help tells what there is.`)
    return 2
  }
  const isExpected = error instanceof ListenError || error instanceof ReachableAddressError
  console.error(isExpected ? error.message : secrets.hide(inspect(error)))
  return 1
}

// Nobody reads any more what is written: that ends nothing.
stderr.on('error', () => {})
try {
  await run(process.argv.slice(2))
} catch (error) {
  // Whatever is still open does not keep it from ending.
  process.exit(explain(error))
}
