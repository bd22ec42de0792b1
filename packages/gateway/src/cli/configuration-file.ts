import { readFileSync } from 'node:fs'
import type { Setting } from './settings/setting.ts'
import { suggestion } from './suggestion.ts'

/** The text of a file. Throws when there is none to be had. */
export type ReadFile = (path: string) => string

export const readTextFile: ReadFile = (path) => readFileSync(path, 'utf8')

/** What a file says, as text: by the names of the settings. */
export type FileTexts = ReadonlyMap<string, readonly string[]>

/** Reads a JSON file of settings. What is wrong with it goes to `mistakes`. */
export function readConfigurationFile(
  path: string,
  known: Readonly<Record<string, Setting<unknown>>>,
  { readFile, mistakes }: { readonly readFile: ReadFile; readonly mistakes: string[] },
): FileTexts {
  const texts = new Map<string, readonly string[]>()
  const content = readJsonFile(path, readFile, mistakes)
  if (content === undefined) return texts
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    mistakes.push(`${path}: expected an object of settings, got ${shown(content)}.`)
    return texts
  }
  for (const [name, value] of Object.entries(content)) {
    const setting = Object.hasOwn(known, name) ? known[name] : undefined
    if (!setting) {
      mistakes.push(`${name} in ${path}: there is no such setting.${suggestion(name, Object.keys(known))}`)
      continue
    }
    const found = textsOf(value, setting)
    if (found) texts.set(name, found)
    else mistakes.push(`${name} in ${path}: expected ${setting.expected}, got ${shown(value)}.`)
  }
  return texts
}

/** What a JSON file holds; `undefined` when it can't be read. What is wrong with it goes to `mistakes`. */
export function readJsonFile(path: string, readFile: ReadFile, mistakes: string[]): unknown {
  try {
    return JSON.parse(readFile(path))
  } catch (error) {
    mistakes.push(`${path}: ${whyUnread(error)}`)
    return undefined
  }
}

/** Without what is in the file: it may be another than was meant. */
function whyUnread(error: unknown): string {
  if (!(error instanceof SyntaxError)) return `expected a file, got ${codeOf(error)}.`
  const [where = ''] = /line \d+ column \d+/.exec(error.message) ?? []
  return `expected JSON, which it is not${where && ` at ${where}`}.`
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
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
