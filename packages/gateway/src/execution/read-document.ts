import {
  GraphQLError,
  NoFragmentCyclesRule,
  NoSchemaIntrospectionCustomRule,
  NoUnusedFragmentsRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql'
import type { Limits } from '../access/limits.ts'
import type { PresentError } from '../errors/present-error.ts'
import { createDocumentCache } from './document-cache.ts'
import { documentLimits } from './document-limits.ts'
import type { OperationRequest, RefusedOperation } from './operation-request.ts'
import type { TrustedDocuments } from './trusted-documents.ts'

/** The document of a request, parsed and found valid: once, however often it is asked for. */
export type ReadDocument = (request: OperationRequest) => DocumentNode | RefusedOperation

export interface ReadDocumentOptions {
  readonly schema: GraphQLSchema
  readonly present: PresentError
  readonly limits: Limits
  /** Whether the schema may be asked for. */
  readonly introspection: boolean
  readonly trusted: TrustedDocuments
}

/** A thousand documents of usual length. Parsed, they take more than a hundred times as many bytes. */
const DOCUMENT_CACHE_CHARACTERS = 400_000
/** Enough to begin with; each costs as much as the rest of validation. */
const MAX_ERRORS = 10

/** Lists and objects in a document may be nested as deeply as it has tokens, and each level takes some stack. */
function isOutOfStack(error: unknown): boolean {
  return error instanceof RangeError
}

function tooDeep(): GraphQLError {
  return new GraphQLError('Expected a document with fewer levels of lists, objects or fields.')
}

export function createReadDocument(options: ReadDocumentOptions): ReadDocument {
  const { schema, present, limits, introspection, trusted } = options
  const documents = createDocumentCache(DOCUMENT_CACHE_CHARACTERS)
  const passes: readonly (readonly ValidationRule[])[] = [
    [documentLimits(limits)],
    // What is in fragments that go in circles, or that no operation has, is not within the limits.
    [NoFragmentCyclesRule, NoUnusedFragmentsRule],
    introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule],
  ]

  function errorsIn(document: DocumentNode): readonly GraphQLError[] {
    for (const rules of passes) {
      const errors = validate(schema, document, rules, { maxErrors: MAX_ERRORS })
      if (errors.length > 0) return errors
    }
    return []
  }

  function readText(text: string): DocumentNode | RefusedOperation {
    const known = documents.get(text)
    if (known) return known
    let document: DocumentNode
    try {
      document = parse(text, { maxTokens: limits.maxTokens })
    } catch (error) {
      return { errors: [present(isOutOfStack(error) ? tooDeep() : error, 'GRAPHQL_PARSE_FAILED')] }
    }
    const errors = errorsIn(document)
    if (errors.length > 0) {
      return { errors: errors.map((error) => present(error, 'GRAPHQL_VALIDATION_FAILED')) }
    }
    documents.set(text, document)
    return document
  }

  return (request) => trusted.find(request) ?? readText(request.query)
}
