import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { buildSchema, isExecutableDefinitionNode, parse, validate } from 'graphql'
import type { MarkdownDocument } from './markdown.ts'

/** Tells which GraphQL in the documents would be refused by the schema in the file, or cannot even be parsed. */
export async function invalidGraphQL(
  root: string,
  schemaFile: string,
  documents: ReadonlyMap<string, Pick<MarkdownDocument, 'fences'>>,
): Promise<string[]> {
  const schema = buildSchema(await readFile(path.join(root, schemaFile), 'utf8'))
  const problemsOf = (code: string): readonly Error[] => {
    try {
      const document = parse(code)
      // A schema that is shown is not executed; that it is the committed one is tested elsewhere.
      const isExecutable = document.definitions.every(isExecutableDefinitionNode)
      return isExecutable ? validate(schema, document) : []
    } catch (error) {
      return [error as Error]
    }
  }
  return Array.from(documents).flatMap(([document, { fences }]) =>
    fences
      .filter(({ language, tags }) => language === 'graphql' && !tags.includes('ignore'))
      .flatMap(({ code, line }) => problemsOf(code).map(({ message }) => `${document}:${line}: ${message}`)),
  )
}
