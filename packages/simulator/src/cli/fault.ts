import {
  dropConnection,
  duplicateItem,
  emptyBody,
  brokenItem,
  lateReplication,
  latency,
  malformedBody,
  missingItem,
  neverEnding,
  purge,
  serverError,
  stuck,
  throttle,
  withProbability,
  wrongStructure,
  type Behavior,
} from '../index.ts'
import { UsageError } from './usage-error.ts'

interface Fault {
  /** What may follow the name, for the help. */
  readonly argument: string
  readonly help: string
  readonly make: (argument: string | undefined) => Behavior
}

/** The faults that the command line knows, by name. */
export const faults: Readonly<Record<string, Fault>> = {
  throttle: {
    argument: '[:RETRY-AFTER]',
    help: '429, by default with Retry-After: 10',
    make: (retryAfter) => throttle({ retryAfter }),
  },
  error: {
    argument: '[:STATUS]',
    help: '408, 500, 502, 503 (default), 504 or 509',
    make: (status = '503') => serverError(serverErrorStatus(status)),
  },
  latency: {
    argument: ':MS[-MS]',
    help: 'answers come late',
    make: (range) => latency(durationOf('latency', range)),
  },
  drop: { argument: '', help: 'the connection breaks', make: () => dropConnection() },
  stall: { argument: '', help: 'the body never ends', make: () => neverEnding() },
  malformed: { argument: '', help: 'half a body', make: () => malformedBody() },
  empty: { argument: '', help: 'no body', make: () => emptyBody() },
  'wrong-structure': { argument: '', help: 'another body', make: () => wrongStructure() },
  'late-replication': {
    argument: ':MS',
    help: '404 for a while after the start',
    make: (ms) => lateReplication(numberOf('late-replication', ms)),
  },
  purge: {
    argument: ':MS',
    help: '404 from some time after the start on',
    make: (ms) => purge({ afterMs: numberOf('purge', ms) }),
  },
  stuck: { argument: '', help: 'operations stay in progress', make: () => stuck() },
  'missing-item': { argument: '', help: 'items of batches are missing', make: () => missingItem() },
  'duplicate-item': { argument: '', help: 'items of batches come twice', make: () => duplicateItem() },
  'broken-item': { argument: '', help: 'items of batches are broken', make: () => brokenItem() },
}

/**
 * Reads `NAME[:ARGUMENT][@PROBABILITY]`, such as `throttle:2.128@0.1`.
 *
 * @throws {UsageError} for anything else
 */
export function parseFault(text: string): Behavior {
  const [, name = '', argument, probability] = /^([a-z-]+)(?::([^@]*))?(?:@(.*))?$/.exec(text) ?? []
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined
  if (!fault) {
    throw new UsageError(`Expected --fault to name one of ${Object.keys(faults).join(', ')}; got "${text}"`)
  }
  if (argument !== undefined && fault.argument === '') {
    throw new UsageError(`Expected --fault ${name} without an argument, got "${text}"`)
  }
  const behavior = fault.make(argument)
  if (probability === undefined) return behavior
  const share = Number(probability)
  if (probability === '' || !(share >= 0 && share <= 1)) {
    throw new UsageError(`Expected a probability from 0 to 1 after the @ of --fault, got "${text}"`)
  }
  return withProbability(share, behavior)
}

function serverErrorStatus(text: string): 408 | 500 | 502 | 503 | 504 | 509 {
  const status = Number(text)
  switch (status) {
    case 408:
    case 500:
    case 502:
    case 503:
    case 504:
    case 509:
      return status
    default:
      throw new UsageError(`Expected --fault error with 408, 500, 502, 503, 504 or 509; got "${text}"`)
  }
}

function durationOf(name: string, text: string | undefined): number | readonly [number, number] {
  const [min, max = min] = text?.split('-') ?? []
  const range = [numberOf(name, min), numberOf(name, max)] as const
  if (range[0] > range[1]) {
    throw new UsageError(`Expected --fault ${name} with the shorter time first, got "${text}"`)
  }
  return range
}

function numberOf(name: string, text: string | undefined): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text)
  throw new UsageError(
    `Expected --fault ${name} with a time in milliseconds, as in ${name}:500; got "${text ?? ''}"`,
  )
}
