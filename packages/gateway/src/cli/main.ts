#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { ReachableAddressError, UnknownHostError } from '../access/listen-address.ts'
import { ListenError } from '../server/listen-error.ts'
import { check } from './check/check.ts'
import { readConfiguration } from './configuration.ts'
import { ConfigurationError } from './configuration-error.ts'
import { helpText, isCommand } from './help-text.ts'
import { createLog, type Log } from './log/create-log.ts'
import { createSecrets } from './log/secrets.ts'
import { schemaText } from './schema-text.ts'
import { serve } from './serve.ts'
import type { LogLevel } from './settings/operator-settings.ts'
import { suggestion } from './suggestion.ts'

const words = ['serve', 'check', 'schema', 'help', 'version']
const { argv, env, stderr } = process
const secrets = createSecrets([
  env['GRAPH_TOKEN'],
  env['AZURE_CLIENT_SECRET'],
  env['AZURE_CLIENT_CERTIFICATE_PASSWORD'],
  env['AZURE_PASSWORD'],
])
const isForPeople = stderr.isTTY ?? false

async function run([word = 'help', ...args]: readonly string[]): Promise<void> {
  if (word === 'help' || word === '--help' || word === '-h') {
    const [about = ''] = args
    console.log(helpText(isCommand(about) ? about : undefined))
  } else if (word === 'version' || word === '--version') {
    console.log(packageVersion())
  } else if (!isCommand(word)) {
    throw new ConfigurationError([`Expected ${words.join(', ')}, got "${word}".${suggestion(word, words)}`])
  } else if (args.includes('--help') || args.includes('-h')) {
    console.log(helpText(word))
  } else if (args.includes('--version')) {
    console.log(packageVersion())
  } else {
    await commands[word](args)
  }
}

const commands = {
  async serve(args: readonly string[]): Promise<void> {
    const configuration = await readConfiguration(args, env)
    const log = logOf(configuration.logLevel)
    logTheUnexpected(log)
    await serve(configuration, { log, secrets })
    process.exit()
  },

  async check(args: readonly string[]): Promise<void> {
    const { text, isGood } = await check(await readConfiguration(args, env))
    console.log(secrets.hide(text))
    // Whatever a library left open does not keep it from ending.
    process.exit(isGood ? 0 : 1)
  },

  async schema(args: readonly string[]): Promise<void> {
    console.log(schemaText(await readConfiguration(args, env)))
  },
}

function logOf(level: LogLevel): Log {
  const write = (line: string): void => void stderr.write(line)
  return createLog({ level, readable: isForPeople, secrets, write })
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

/** Says why a command has failed. @returns the exit code */
function explain(error: unknown): number {
  // Whatever reads the log of a service reads lines of it only.
  if (argv[2] === 'serve' && !isForPeople) logOf('error').error(fieldsOf(error), 'Not started')
  else console.error(textOf(error))
  return error instanceof ConfigurationError ? 2 : 1
}

function fieldsOf(error: unknown): object {
  if (error instanceof ConfigurationError) return { mistakes: error.mistakes }
  return isExpected(error) ? { reason: error.message } : { error }
}

function textOf(error: unknown): string {
  if (error instanceof ConfigurationError)
    return `${error.message}\n\nteams-operations --help tells what there is.`
  return isExpected(error) ? error.message : secrets.hide(inspect(error))
}

function isExpected(error: unknown): error is Error {
  return [ListenError, ReachableAddressError, UnknownHostError].some((known) => error instanceof known)
}

// Nobody reads any more what is written: that ends nothing.
stderr.on('error', () => {})
try {
  await run(argv.slice(2))
} catch (error) {
  // Whatever is still open does not keep it from ending.
  process.exit(explain(error))
}
