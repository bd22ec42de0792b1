import { parseArgs } from 'node:util'
import { readConfigurationFile } from './configuration-file.ts'
import type { ReadFile } from './json-file.ts'
import { settings, type Settings } from './settings.ts'
import { nonBlank, one, onOrOff, type Setting } from './settings/setting.ts'
import { suggestion } from './suggestion.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A setting as it was found. */
export interface Found<Value> {
  readonly value: Value
  /** How whoever set it knows it, such as `--port`, `PORT` or `port in gateway.json`; `undefined` for a default. */
  readonly source: string | undefined
  /**
   * Whether something else was said, which is a mistake that has been told: `value` is a guess then, and what else
   * is made of it would mislead.
   */
  readonly isBad: boolean
}

export type FoundSettings = { readonly [Name in keyof Settings]: Found<Settings[Name]> }

export interface SettingSources {
  readonly args: readonly string[]
  readonly environment: Environment
  readonly readFile: ReadFile
}

/** Where the file is. Not in the file itself. */
export const configSetting: Setting<string | undefined> = {
  flag: 'config',
  variable: 'CONFIG_FILE',
  placeholder: 'file',
  help: 'JSON; a flag wins over a variable, and both win over the file.',
  shownDefault: 'none',
  default: undefined,
  parse: one(nonBlank),
  expected: 'the path of a file',
}

/** Every setting from the first of flags, environment and file that has it. What is wrong goes to `mistakes`. */
export function readSettings(
  { args, environment, readFile }: SettingSources,
  mistakes: string[],
): FoundSettings {
  const flags = readFlags(args, mistakes)

  /** What was said of a setting, and where. */
  function find(setting: Setting<unknown>): Said | undefined {
    const { flag, variable, isList } = setting
    const given = flags.get(flag)
    if (given) {
      const texts = isList ? given : given.slice(-1)
      return { texts, source: `--${flag}`, listHint: 'Repeat the flag for each of them.' }
    }
    const text = environment[variable]
    // A variable that is set to nothing is how many tools leave it out.
    if (text === undefined || text === '') return undefined
    return { texts: isList ? listed(text) : [text], source: variable, listHint: '' }
  }

  function read<Value>(setting: Setting<Value>, { texts, source, listHint }: Said): Found<Value> {
    const good = texts.filter((text) => {
      if (setting.parse([text]) !== undefined) return true
      const hint = setting.isList && text.includes(',') && listHint ? ` ${listHint}` : ''
      mistakes.push(`${source}: expected ${setting.expected}, got "${text}".${hint}`)
      return false
    })
    const isBad = texts.length === 0 ? !setting.isList : good.length < texts.length
    return { value: setting.parse(good) ?? setting.default, source, isBad }
  }

  const config = find(configSetting)
  const path = config && read(configSetting, config)
  const file =
    path?.value === undefined
      ? new Map()
      : readConfigurationFile(path.value, settings, { readFile, mistakes })
  // What is missing elsewhere may have been meant to be there.
  const isFileBad = path?.isBad || file === undefined

  function readAnywhere(name: string, setting: Setting<unknown>): Found<unknown> {
    const said = find(setting)
    if (said) return read(setting, said)
    const texts = file?.get(name)
    if (texts) return read(setting, { texts, source: `${name} in ${path?.value}`, listHint: 'Write a list.' })
    return { value: setting.default, source: undefined, isBad: isFileBad || (file?.has(name) ?? false) }
  }

  const found = Object.entries(settings).map(([name, setting]) => [name, readAnywhere(name, setting)])
  return Object.fromEntries(found) as FoundSettings
}

/** What was said of a setting. */
interface Said {
  readonly texts: readonly string[]
  readonly source: string
  /** What to do for several values, where that is not to put commas between them. */
  readonly listHint: string
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** The flags with their values as text, a switch that is on as `true`, and one without a value as none. */
function readFlags(args: readonly string[], mistakes: string[]): ReadonlyMap<string, readonly string[]> {
  const known = new Map(
    [configSetting, ...Object.values(settings)].map((setting: Setting<unknown>) => [setting.flag, setting]),
  )
  const flags = new Map<string, string[]>()
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowNegative: true,
    options: Object.fromEntries(
      [...known].map(([flag, { placeholder }]) => [flag, { type: placeholder ? 'string' : 'boolean' }]),
    ),
  })
  let isAfterUnknown = false
  let switchBefore: string | undefined
  for (const token of tokens) {
    // Behind a flag that nobody knows there is its value, most likely.
    if (token.kind === 'positional' && !isAfterUnknown) {
      const hint = switchBefore && onOrOff(token.value) !== undefined ? ` ${switchHint(switchBefore)}` : ''
      mistakes.push(`Expected a flag, got "${token.value}".${hint}`)
    }
    isAfterUnknown = false
    switchBefore = undefined
    if (token.kind !== 'option') continue
    const name = token.name.replace(/^no-/, '')
    const setting = known.get(name)
    if (!setting) {
      const flagsLikeIt = suggestion(
        `--${name}`,
        [...known.keys()].map((flag) => `--${flag}`),
      )
      mistakes.push(`${token.rawName}: there is no such flag.${flagsLikeIt}`)
      isAfterUnknown = token.value === undefined
    } else {
      const text = token.value ?? valueOfSwitch(setting, token.rawName)
      if (!setting.placeholder && token.value === undefined) switchBefore = setting.flag
      if (text === undefined) mistakes.push(`${token.rawName}: expected ${setting.expected}, got nothing.`)
      flags.set(setting.flag, [...(flags.get(setting.flag) ?? []), ...(text === undefined ? [] : [text])])
    }
  }
  return flags
}

function switchHint(flag: string): string {
  return `--${flag} takes no value: it is on with --${flag}, and off with --no-${flag}.`
}

/** `undefined` for what is not a switch. */
function valueOfSwitch({ placeholder }: Setting<unknown>, rawName: string): string | undefined {
  return placeholder ? undefined : String(!rawName.startsWith('--no-'))
}
