import { createHash } from 'node:crypto'
import { parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql'
import { PersistedQueryError } from '../errors/persisted-query-error.ts'
import { UserInputError } from '../errors/user-input-error.ts'
import type { OperationRequest } from './operation-request.ts'

/** Documents by their ids, as the build of a client writes them. */
export type DocumentsById = ReadonlyMap<string, string> | Readonly<Record<string, string>>

export interface TrustedDocumentsOptions {
  readonly schema: GraphQLSchema
  /** @default none are known */
  readonly documents?: DocumentsById | undefined
  /** Whether no others are executed. @default false */
  readonly onlyPersisted?: boolean | undefined
}

/** The documents that clients can name by an id instead of sending them. They are trusted: no limit holds for them. */
export interface TrustedDocuments {
  /**
   * The document that a request names, or has in full; `undefined` for another one that may be executed.
   *
   * @throws PersistedQueryError, UserInputError
   */
  find(request: OperationRequest): DocumentNode | undefined
}

interface TrustedDocument {
  readonly text: string
  readonly document: DocumentNode
}

/**
 * Takes ids as the draft of persisted documents for GraphQL over HTTP has them (`documentId`, such as
 * `sha256:…`), and as Apollo has them (`extensions.persistedQuery.sha256Hash`).
 *
 * @throws TypeError when one is not valid for the schema, or not what its hash says
 * @see https://github.com/graphql/graphql-over-http/blob/persisted-documents/spec/Appendix%20A%20--%20Persisted%20Documents.md
 */
export function createTrustedDocuments(options: TrustedDocumentsOptions): TrustedDocuments {
  const { schema, documents, onlyPersisted = false } = options
  if (onlyPersisted && !documents) {
    throw new TypeError('Expected `documents` where `onlyPersisted` is set, got none.')
  }
  const byId = new Map<string, TrustedDocument>()
  const byText = new Map<string, DocumentNode>()
  for (const [id, text] of entriesOf(documents)) {
    const document = byText.get(text) ?? readTrusted(schema, id, text)
    byId.set(withoutPrefix(id), { text, document })
    byText.set(text, document)
  }

  return {
    find(request) {
      const { query } = request
      const id = idOf(request)
      if (id === undefined) {
        const document = byText.get(query)
        if (document || !onlyPersisted) return document
        throw new PersistedQueryError(
          'PERSISTED_QUERY_ONLY',
          'Expected the id of a persisted document, got another document. Only persisted ones are executed.',
        )
      }
      const known = byId.get(withoutPrefix(id))
      if (known && (query === '' || query === known.text)) return known.document
      if (known) {
        throw new UserInputError(
          'Expected the document of the id or none, got another one. Send one of the two.',
        )
      }
      // Who sends both lets a document be remembered, which has no effect here.
      if (query !== '' && !onlyPersisted) return undefined
      throw documents
        ? new PersistedQueryError(
            'PERSISTED_QUERY_NOT_FOUND',
            `Expected the id of a persisted document, got "${id}", which is none.`,
          )
        : new PersistedQueryError(
            'PERSISTED_QUERY_NOT_SUPPORTED',
            'There are no persisted documents here. Send the document itself.',
          )
    },
  }
}

function entriesOf(documents: DocumentsById | undefined): Iterable<readonly [string, string]> {
  if (!documents) return []
  return isMap(documents) ? documents : Object.entries(documents)
}

function isMap(documents: DocumentsById): documents is ReadonlyMap<string, string> {
  return documents instanceof Map
}

function readTrusted(schema: GraphQLSchema, id: string, text: string): DocumentNode {
  if (id.startsWith(SHA256) && id !== SHA256 + createHash('sha256').update(text).digest('hex')) {
    throw new TypeError(`Expected the document ${id} to have the hash that its id says, got another one.`)
  }
  let problem: unknown
  try {
    const document = parse(text)
    const [error] = validate(schema, document)
    if (!error) return document
    problem = error
  } catch (error) {
    problem = error
  }
  throw new TypeError(`Expected the document ${id} to be valid, got: ${messageOf(problem)}`, {
    cause: problem,
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** @throws UserInputError when it is not a string */
function idOf({ documentId, extensions }: OperationRequest): string | undefined {
  if (documentId != null) return asId('documentId', documentId)
  const persisted = extensions?.['persistedQuery']
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return undefined
  return asId('extensions.persistedQuery.sha256Hash', persisted.sha256Hash)
}

function asId(where: string, id: unknown): string {
  if (typeof id === 'string' && id !== '') return id
  throw new UserInputError(`Expected \`${where}\` to be the id of a document, got something else.`)
}

const SHA256 = 'sha256:'

/** Apollo says in another place that it is a SHA-256, and some builds leave it to be guessed. */
function withoutPrefix(id: string): string {
  return id.startsWith(SHA256) ? id.slice(SHA256.length) : id
}
