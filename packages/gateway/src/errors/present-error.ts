import { GraphQLError } from 'graphql'
import { coreErrorCode, isCoreError, type CoreError } from './core-error-code.ts'
import { isErrorCode, type ErrorCode } from './error-code.ts'
import { FollowingFailedError } from './following-failed-error.ts'
import { problemMessage } from './problem-message.ts'

/** All that `extensions` of an error may hold. */
export interface ErrorExtensions {
  readonly code: ErrorCode
  /** Graph's `request-id`: what Microsoft's support asks for first. */
  readonly requestId?: string
  /** When to try again, in seconds. */
  readonly retryAfter?: number
  /** Which of several operations it is about. */
  readonly location?: string
  /** What to look for in the log of the gateway. */
  readonly id?: string
}

/** Told of every error that clients are not, with the `id` that they are given instead. */
export type ReportUnexpectedError = (error: unknown, id: string) => void

export interface PresentErrorOptions {
  /** Whether graphql-js may say what else the client could have meant, which tells of the schema. @default true */
  readonly suggestions?: boolean | undefined
  /** Told of each error that is presented, by its code. */
  readonly onPresented?: ((code: ErrorCode) => void) | undefined
}

/** Makes of any error what a client may see of it. An error that has been presented stays as it is. */
export type PresentError = (error: unknown, fallback?: ErrorCode) => GraphQLError

/**
 * The one way by which errors leave the gateway, whatever the transport: nothing but a message, where in
 * the document it happened, and {@link ErrorExtensions}. What nobody foresaw is reported under an id, and
 * the client is told the id only.
 */
export function createErrorPresenter(
  report: ReportUnexpectedError,
  { suggestions = true, onPresented }: PresentErrorOptions = {},
): PresentError {
  const presented = new WeakSet<GraphQLError>()

  return (error, fallback) => {
    if (error instanceof GraphQLError && presented.has(error)) return error
    const { message, extensions } = describe(error, fallback) ?? describeUnexpected(error, report)
    const presentable = new GraphQLError(suggestions ? message : withoutSuggestion(message), {
      ...whereIn(error),
      extensions: { ...extensions },
    })
    presented.add(presentable)
    onPresented?.(extensions.code)
    return presentable
  }
}

function withoutSuggestion(message: string): string {
  // Not always at the end, and nothing that is suggested has a question mark.
  return message.replaceAll(/ Did you mean [^?]*\?/g, '')
}

interface Description {
  readonly message: string
  readonly extensions: ErrorExtensions
}

function describe(error: unknown, fallback: ErrorCode | undefined): Description | undefined {
  const origin = originOf(error)
  if (origin instanceof FollowingFailedError) {
    const cause = describe(origin.cause, undefined)
    return cause && { ...cause, extensions: { ...cause.extensions, location: origin.ref.location } }
  }
  if (origin instanceof GraphQLError) return describeGraphQLError(origin, error, fallback)
  const code = coreErrorCode(origin)
  if (code === undefined || !isCoreError(origin)) return undefined
  const { requestId, retryAfterMs } = origin
  return {
    message: messageOf(origin),
    extensions: {
      code,
      ...(requestId === undefined ? {} : { requestId }),
      ...(retryAfterMs === undefined ? {} : { retryAfter: Math.ceil(retryAfterMs / 1000) }),
    },
  }
}

/** Without what others have said, which the core quotes: a credential, a network. */
function messageOf({ message, problem, cause }: CoreError): string {
  if (problem) return problemMessage(problem)
  const said = cause instanceof Error ? cause.message : cause
  return typeof said === 'string' ? message.replaceAll(`: ${said}`, '') : message
}

/**
 * What graphql-js itself, or the gateway, refused. One without a code that happened in a field and does not
 * point into the document is no refusal: a value that does not fit the schema.
 */
function describeGraphQLError(
  origin: GraphQLError,
  error: unknown,
  fallback: ErrorCode | undefined,
): Description | undefined {
  const { code, retryAfter } = origin.extensions
  if (isErrorCode(code)) {
    const when = typeof retryAfter === 'number' ? { retryAfter } : {}
    return { message: origin.message, extensions: { code, ...when } }
  }
  const inField = error instanceof GraphQLError && error.path !== undefined
  if (inField && origin.nodes === undefined) return undefined
  return { message: origin.message, extensions: { code: fallback ?? 'BAD_USER_INPUT' } }
}

function describeUnexpected(error: unknown, report: ReportUnexpectedError): Description {
  const id = crypto.randomUUID()
  report(originOf(error), id)
  return {
    message: `Unexpected error. The log of the gateway has it under ${id}.`,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  }
}

/** What was thrown, below the layers in which graphql-js notes where. */
function originOf(error: unknown): unknown {
  let origin = error
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError
  return origin
}

function whereIn(error: unknown): ConstructorParameters<typeof GraphQLError>[1] {
  if (!(error instanceof GraphQLError)) return {}
  const { nodes, source, positions, path } = error
  return { nodes, source, positions, path }
}
