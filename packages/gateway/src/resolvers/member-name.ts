/** What GraphQL shows for a member that is newer than the schema. */
const UNKNOWN_MEMBER = 'UNKNOWN_FUTURE_VALUE'

/**
 * The GraphQL name of a member of one of Graph's evolvable enumerations: `inProgress` becomes
 * `IN_PROGRESS`, and whatever is not among the known ones `UNKNOWN_FUTURE_VALUE`. A member that the schema
 * does not have would fail the whole answer.
 */
export function memberName(member: string, known: readonly string[]): string {
  return known.includes(member) ? screamingCase(member) : UNKNOWN_MEMBER
}

function screamingCase(member: string): string {
  return member.replace(/[A-Z]/g, '_$&').toUpperCase()
}
