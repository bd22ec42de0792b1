import { parseArgs } from 'node:util'
import { readConfigurationFile, type FileTexts, type ReadFile } from './configuration-file.ts'
import { settings, type Settings } from './settings.ts'
import { one, type Setting } from './settings/setting.ts'
import { suggestion } from './suggestion.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A setting as it was found. */
export interface Found<Value> {
  readonly value: Value
  /** How whoever set it knows it, such as `--port`, `PORT` or `port in gateway.json`; `undefined` for a default. */
  readonly source: string | undefined
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
  parse: one((text) => text || undefined),
  expected: 'the path of a file',
}

/** Every setting from the first of flags, environment and file that has it. What is wrong goes to `mistakes`. */
export function readSettings(
  { args, environment, readFile }: SettingSources,
  mistakes: string[],
): FoundSettings {
  const flags = readFlags(args, mistakes)

  /** What was said of a setting, and where. */
  function find(setting: Setting<unknown>): { texts: readonly string[]; source: string } | undefined {
    const { flag, variable, isList } = setting
    const given = flags.get(flag)
    if (given) return { texts: isList ? given : given.slice(-1), source: `--${flag}` }
    const text = environment[variable]
    // A variable that is set to nothing is how many tools leave it out.
    if (text === undefined || text === '') return undefined
    return { texts: isList ? listed(text) : [text], source: variable }
  }

  const config = find(configSetting)
  const [path] = config?.texts ?? []
  const file: FileTexts = path ? readConfigurationFile(path, settings, { readFile, mistakes }) : new Map()

  function read(name: string, setting: Setting<unknown>): Found<unknown> {
    const texts = file.get(name)
    const said = find(setting) ?? (texts && { texts, source: `${name} in ${path}` })
    if (!said) return { value: setting.default, source: undefined }
    const { source } = said
    for (const text of said.texts) {
      if (setting.parse([text]) === undefined)
        mistakes.push(`${source}: expected ${setting.expected}, got "${text}".`)
    }
    return { value: setting.parse(said.texts) ?? setting.default, source }
  }

  const found = Object.entries(settings).map(([name, setting]) => [name, read(name, setting)])
  return Object.fromEntries(found) as FoundSettings
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** The flags with their values as text, a switch that is on as `true`. */
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
  for (const token of tokens) {
    // Behind a flag that nobody knows there is its value, most likely.
    if (token.kind === 'positional' && !isAfterUnknown)
      mistakes.push(`Expected a flag, got "${token.value}".`)
    isAfterUnknown = false
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
      if (text === undefined) mistakes.push(`${token.rawName}: expected ${setting.expected}, got nothing.`)
      else flags.set(setting.flag, [...(flags.get(setting.flag) ?? []), text])
    }
  }
  return flags
}

/** `undefined` for what is not a switch. */
function valueOfSwitch({ placeholder }: Setting<unknown>, rawName: string): string | undefined {
  return placeholder ? undefined : String(!rawName.startsWith('--no-'))
}
