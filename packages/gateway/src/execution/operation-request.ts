import type { GraphQLError } from 'graphql'

/** A GraphQL operation as it arrives, over whatever it arrives. */
export interface OperationRequest {
  /** The document; empty where an id stands for it. */
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  /** The id of a document that is known here, unchecked. */
  readonly documentId?: unknown
  /** May hold such an id as well, in `persistedQuery.sha256Hash`. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/** An operation that may not be executed, and why. Nothing was. */
export interface RefusedOperation {
  readonly errors: readonly GraphQLError[]
}
