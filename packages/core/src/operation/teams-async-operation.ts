/**
 * The resource that Microsoft Graph calls `teamsAsyncOperation`: one long-running change of a team, a
 * channel or a chat. Property and member names are Graph's own.
 *
 * @see https://learn.microsoft.com/graph/api/resources/teamsasyncoperation
 */
export interface TeamsAsyncOperation {
  readonly id: string
  readonly operationType: TeamsAsyncOperationType
  /** As Graph wrote it, with up to seven fractional digits: a `Date` would keep three. */
  readonly createdDateTime: string
  readonly status: TeamsAsyncOperationStatus
  /** As Graph wrote it. Often equal to `createdDateTime` even after the end: not a sign of progress. */
  readonly lastActionDateTime: string
  /** How often the service tried, not how often it was asked. */
  readonly attemptsCount: number
  /** What is created or changed. Not always a GUID: a chat's is `19:…@thread.v2`. */
  readonly targetResourceId: string | null
  /** Opaque: to be requested, not to be taken apart. */
  readonly targetResourceLocation: string | null
  /** Why it failed; `null` otherwise, and sometimes even then. */
  readonly error: OperationError | null
  /**
   * The type is open: what else Graph sent (`Value`, …) is kept as it came. Not `@odata.context`, which
   * describes the response rather than the operation.
   */
  readonly [property: string]: unknown
}

/** Why an operation failed, in the words of the service. Its codes are not documented. */
export interface OperationError {
  readonly code: string | null
  readonly message: string | null
}

/** The statuses that Graph's metadata knows, in its order. */
export const knownStatuses = [
  'invalid',
  'notStarted',
  'inProgress',
  'succeeded',
  'failed',
  'unknownFutureValue',
] as const

/** The kinds of operation that Graph's metadata knows, v1.0 and beta together. */
export const knownOperationTypes = [
  'invalid',
  'cloneTeam',
  'archiveTeam',
  'unarchiveTeam',
  'createTeam',
  'unknownFutureValue',
  'teamifyGroup',
  'createChannel',
  'createChat',
  'archiveChannel',
  'unarchiveChannel',
] as const

/** Keeps editors suggesting the known members while any other string is accepted. */
type OtherString = string & Record<never, never>

export type KnownStatus = (typeof knownStatuses)[number]
export type KnownOperationType = (typeof knownOperationTypes)[number]

/** An evolvable enumeration: a member that is newer than this package arrives as the string that came. */
export type TeamsAsyncOperationStatus = KnownStatus | OtherString
/** An evolvable enumeration: a member that is newer than this package arrives as the string that came. */
export type TeamsAsyncOperationType = KnownOperationType | OtherString

/**
 * Whether nothing more will happen to an operation with this status. Only `succeeded` and `failed` are
 * final; `invalid` and whatever is unknown are not, because nothing says that they are.
 */
export function isTerminal(status: TeamsAsyncOperationStatus): status is 'succeeded' | 'failed' {
  return status === 'succeeded' || status === 'failed'
}
