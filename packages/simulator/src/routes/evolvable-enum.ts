import type { Exchange } from '../exchange.ts'
import type { Reply } from '../reply.ts'

/** The members before the sentinel `unknownFutureValue`: what every client gets to see by name. */
const statuses: ReadonlySet<string> = new Set(['invalid', 'notStarted', 'inProgress', 'succeeded', 'failed'])
const operationTypes: ReadonlySet<string> = new Set([
  'invalid',
  'cloneTeam',
  'archiveTeam',
  'unarchiveTeam',
  'createTeam',
])

const preference = 'include-unknown-enum-members'

/**
 * How a request gets to see members of evolvable enumerations. Those behind the sentinel are
 * `unknownFutureValue` to a request that does not send `Prefer: include-unknown-enum-members`.
 *
 * @see https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
 */
export interface EnumView {
  status(member: string): string
  operationType(member: string): string
  /** Whether a filter may name this member. */
  mayFilterBy(member: string): boolean
  /** What tells the client that its preference was heeded. */
  readonly headers: Reply['headers']
}

export function enumViewOf({ request }: Exchange): EnumView {
  if (prefersUnknownMembers(request.headers)) {
    return {
      status: (member) => member,
      operationType: (member) => member,
      mayFilterBy: () => true,
      headers: { 'preference-applied': preference },
    }
  }
  return {
    status: (member) => (statuses.has(member) ? member : 'unknownFutureValue'),
    operationType: (member) => (operationTypes.has(member) ? member : 'unknownFutureValue'),
    mayFilterBy: (member) =>
      statuses.has(member) || operationTypes.has(member) || member === 'unknownFutureValue',
    headers: {},
  }
}

export function prefersUnknownMembers(headers: Readonly<Record<string, string>>): boolean {
  return (headers['prefer'] ?? '').split(',').some((token) => token.trim().toLowerCase() === preference)
}
