import { readFileSync } from 'node:fs'

/** The text of a file. Throws when there is none to be had. */
export type ReadFile = (path: string) => string

export const readTextFile: ReadFile = (path) => readFileSync(path, 'utf8')

/** What a JSON file holds; `undefined` when it can't be read. What is wrong with it goes to `mistakes`. */
export function readJsonFile(path: string, readFile: ReadFile, mistakes: string[]): unknown {
  try {
    // Editors on Windows put a byte order mark in front.
    const text = readFile(path).replace(/^\uFEFF/, '')
    const content: unknown = JSON.parse(text)
    const [repeated] = repeatedKeys(text)
    if (repeated === undefined) return content
    mistakes.push(`${path}: expected each key once, got ${repeated} twice. Take one of them out.`)
  } catch (error) {
    mistakes.push(`${path}: ${whyUnread(error)}`)
  }
  return undefined
}

/** Without what is in the file: it may be another than was meant. */
function whyUnread(error: unknown): string {
  if (!(error instanceof SyntaxError)) return whyNoFile(error)
  const [where = ''] = /line \d+ column \d+/.exec(error.message) ?? []
  return `expected JSON, which it is not${where && ` at ${where}`}.`
}

function whyNoFile(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  switch (code) {
    case 'ENOENT':
      return 'there is no such file. Give its path from the folder that the command runs in, or the whole path.'
    case 'EACCES':
    case 'EPERM':
      return 'it may not be read by the user that the command runs as. Let that user read it.'
    case 'EISDIR':
      return 'expected a file, got a folder. Name the file in it.'
    default:
      return `expected a file, got ${code}.`
  }
}

/** Those that an object of the document has more than once: `JSON.parse` takes the last, and says nothing. */
function repeatedKeys(json: string): readonly string[] {
  const objects: Set<string>[] = []
  const repeated: string[] = []
  for (const [token, key] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') objects.push(new Set())
    else if (token === '}') objects.pop()
    else if (key !== undefined) {
      const keys = objects.at(-1)
      if (keys?.has(key)) repeated.push(key)
      keys?.add(key)
    }
  }
  return repeated
}
