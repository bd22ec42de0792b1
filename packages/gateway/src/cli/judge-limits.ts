import { defaultLimits, resolveLimits } from '../access/limits.ts'
import { createTrustedDocuments } from '../execution/trusted-documents.ts'
import { createSchema } from '../schema/create-schema.ts'
import { readJsonFile, type ReadFile } from './json-file.ts'
import type { FoundSettings } from './read-settings.ts'
import { suggestion } from './suggestion.ts'

/** Finds what is wrong with the limits. What is wrong goes to `mistakes`. */
export function judgeLimits({ limits: { value, source } }: FoundSettings, mistakes: string[]): void {
  const names = Object.keys(defaultLimits)
  for (const [name, limit] of Object.entries(value)) {
    if (!names.includes(name)) {
      mistakes.push(`${source}: there is no limit called ${name}.${suggestion(name, names)}`)
      continue
    }
    try {
      resolveLimits({ [name]: limit })
    } catch (error) {
      mistakes.push(`${source}: ${messageOf(error)}`)
    }
  }
}

/** The persisted documents; `undefined` where there are none. What is wrong with them goes to `mistakes`. */
export function findDocuments(
  { documents, onlyPersisted, allowStart }: FoundSettings,
  readFile: ReadFile,
  mistakes: string[],
): Readonly<Record<string, string>> | undefined {
  if (documents.value === undefined) {
    if (onlyPersisted.value && !documents.isBad)
      mistakes.push(`${onlyPersisted.source}: expected --documents as well.`)
    return undefined
  }
  const content = readJsonFile(documents.value, readFile, mistakes)
  if (content === undefined) return undefined
  if (!isTextsById(content)) {
    mistakes.push(`${documents.value}: expected an object of documents by their ids, each of them a text.`)
    return undefined
  }
  // Which schema they have to fit is not known.
  if (allowStart.isBad) return content
  try {
    const schema = createSchema({ allowStart: allowStart.value })
    createTrustedDocuments({ schema, documents: content })
  } catch (error) {
    mistakes.push(`${documents.value}: ${messageOf(error)}`)
  }
  return content
}

function isTextsById(content: unknown): content is Readonly<Record<string, string>> {
  return (
    typeof content === 'object' &&
    content !== null &&
    !Array.isArray(content) &&
    Object.values(content).every((each) => typeof each === 'string')
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
