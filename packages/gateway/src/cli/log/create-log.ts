import { pino, stdTimeFunctions, type Logger } from 'pino'
import type { LogLevel } from '../settings/operator-settings.ts'
import { describeError } from './describe-error.ts'
import { readableLine } from './readable-line.ts'
import type { Secrets } from './secrets.ts'

/** Where the log of the gateway goes: an object of what is known, and a message for people. */
export type Log = Pick<Logger, LogLevel>

export interface LogOptions {
  readonly level: LogLevel
  /** Whether it is for people, rather than for programs: a line of text instead of one of JSON. */
  readonly readable: boolean
  readonly secrets: Secrets
  readonly write: (line: string) => void
}

/** Nothing gets into it unseen: secrets are taken out of whole lines, wherever they come from. */
export function createLog({ level, readable, secrets, write }: LogOptions): Log {
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    {
      write(line: string) {
        const safe = secrets.hide(line)
        write(readable ? readableLine(safe) : safe)
      },
    },
  )
}
