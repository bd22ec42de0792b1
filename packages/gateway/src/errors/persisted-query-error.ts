import { GraphQLError } from 'graphql'
import type { ErrorCode } from './error-code.ts'

/** The codes that clients of persisted queries look for. */
export type PersistedQueryErrorCode = Extract<ErrorCode, `PERSISTED_QUERY_${string}`>

/** A document was asked for by an id, or had to be. */
export class PersistedQueryError extends GraphQLError {
  constructor(code: PersistedQueryErrorCode, message: string) {
    super(message, { extensions: { code } })
  }
}
