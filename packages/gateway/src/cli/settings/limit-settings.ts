import type { Rate } from '../../access/limits.ts'
import { nonBlank, number, one, onOrOff, type SettingsOf } from './setting.ts'

/** Limits by their names, neither of which has been checked. */
export type NamedLimits = Readonly<Record<string, number | Rate>>

export interface LimitSettings {
  readonly production: boolean
  readonly limits: NamedLimits
  /** The path of a file. */
  readonly documents: string | undefined
  readonly onlyPersisted: boolean
}

/** What clients may ask for, and how much of it. */
export const limitSettings: SettingsOf<LimitSettings> = {
  production: {
    flag: 'production',
    variable: 'PRODUCTION',
    help: 'Tell strangers nothing: no GraphiQL, no introspection, no suggestions.',
    shownDefault: 'off',
    default: false,
    parse: one(onOrOff),
    expected: 'true or false',
  },
  limits: {
    flag: 'limit',
    variable: 'LIMITS',
    placeholder: 'name=value',
    isList: true,
    help: 'Such as maxDepth=20, or messageRate=1000/200 (burst/per second).',
    shownDefault: 'as documented',
    default: {},
    parse: parseLimits,
    expected: 'a limit, such as maxDepth=20, maxConnections=Infinity or messageRate=1000/200',
  },
  documents: {
    flag: 'documents',
    variable: 'DOCUMENTS_FILE',
    placeholder: 'file',
    help: 'JSON of documents by their ids, which clients may send instead.',
    shownDefault: 'none',
    default: undefined,
    parse: one(nonBlank),
    expected: 'the path of a file',
  },
  onlyPersisted: {
    flag: 'only-persisted',
    variable: 'ONLY_PERSISTED',
    help: 'Execute only those of --documents.',
    shownDefault: 'off',
    default: false,
    parse: one(onOrOff),
    expected: 'true or false',
  },
}

function parseLimits(texts: readonly string[]): NamedLimits | undefined {
  const limits = texts.map(parseLimit).filter((limit) => limit !== undefined)
  return limits.length === texts.length ? Object.fromEntries(limits) : undefined
}

function parseLimit(text: string): readonly [string, number | Rate] | undefined {
  const [, name = '', amount = '', perSecondText] = /^(\w+)=([^/]+)(?:\/(.+))?$/.exec(text) ?? []
  const value = parseAmount(amount)
  if (value === undefined) return undefined
  if (perSecondText === undefined) return [name, value]
  const perSecond = parseAmount(perSecondText)
  return perSecond === undefined ? undefined : [name, { burst: value, perSecond }]
}

function parseAmount(text: string): number | undefined {
  return text === 'Infinity' ? Infinity : number(Number.isFinite)(text)
}
