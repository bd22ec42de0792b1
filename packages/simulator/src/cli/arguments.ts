import { parseArgs } from 'node:util'
import type { Behavior } from '../index.ts'
import { parseFault } from './fault.ts'
import { UsageError } from './usage-error.ts'

export interface Arguments {
  readonly port: number
  readonly host: string
  readonly speed: number
  readonly seed: string
  readonly faults: readonly Behavior[]
  readonly isThrottling: boolean
  readonly isBusy: boolean
  readonly wants: 'serve' | 'help' | 'version'
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} for what cannot be meant
 */
export function parseArguments(args: readonly string[]): Arguments {
  const values = valuesOf(args)
  const port = Number(values.port)
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new UsageError(`Expected --port to be a number from 0 to 65535, got "${values.port}"`)
  }
  const speed = Number(values.speed)
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new UsageError(`Expected --speed to be a positive number, got "${values.speed}"`)
  }
  return {
    port,
    host: values.host,
    speed,
    seed: values.seed,
    faults: values.fault.map(parseFault),
    isThrottling: !values['no-throttling'],
    isBusy: values.busy,
    wants: values.help ? 'help' : values.version ? 'version' : 'serve',
  }
}

interface Values {
  readonly port: string
  readonly host: string
  readonly speed: string
  readonly seed: string
  readonly fault: string[]
  readonly 'no-throttling': boolean
  readonly busy: boolean
  readonly help: boolean
  readonly version: boolean
}

function valuesOf(args: readonly string[]): Values {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '4100' },
        host: { type: 'string', default: '127.0.0.1' },
        speed: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        fault: { type: 'string', multiple: true, default: [] },
        'no-throttling': { type: 'boolean', default: false },
        busy: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
