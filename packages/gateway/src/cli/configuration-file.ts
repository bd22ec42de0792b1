import { readJsonFile, type ReadFile } from './json-file.ts'
import type { Setting } from './settings/setting.ts'
import { suggestion } from './suggestion.ts'

/** What a file says, as text: by the names of the settings; `undefined` of one whose value can be none. */
export type FileTexts = ReadonlyMap<string, readonly string[] | undefined>

/** Reads a JSON file of settings; `undefined` when it is none. What is wrong with it goes to `mistakes`. */
export function readConfigurationFile(
  path: string,
  known: Readonly<Record<string, Setting<unknown>>>,
  { readFile, mistakes }: { readonly readFile: ReadFile; readonly mistakes: string[] },
): FileTexts | undefined {
  const content = readJsonFile(path, readFile, mistakes)
  if (content === undefined) return undefined
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    mistakes.push(`${path}: expected an object of settings, got ${shown(content)}.`)
    return undefined
  }
  const texts = new Map<string, readonly string[] | undefined>()
  for (const [name, value] of Object.entries(content)) {
    const setting = Object.hasOwn(known, name) ? known[name] : undefined
    if (!setting) {
      mistakes.push(`${name} in ${path}: there is no such setting.${suggestion(name, Object.keys(known))}`)
      continue
    }
    const found = textsOf(value, setting)
    texts.set(name, found)
    if (!found) mistakes.push(`${name} in ${path}: expected ${setting.expected}, got ${shown(value)}.`)
  }
  return texts
}

/** The value as it would be written for a flag; `undefined` when no flag could be given that. */
function textsOf(value: unknown, { isList, placeholder }: Setting<unknown>): readonly string[] | undefined {
  const values: readonly unknown[] = isList && Array.isArray(value) ? value : [value]
  const types = placeholder === undefined ? ['boolean'] : ['string', 'number']
  if (values.every((each) => types.includes(typeof each))) return values.map(String)
  // A list of named values, such as `{ "name": 1 }` for `name=1`.
  if (!isList || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
  return entries.every(([, each]) => types.includes(typeof each))
    ? entries.map(([name, each]) => `${name}=${String(each)}`)
    : undefined
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}
