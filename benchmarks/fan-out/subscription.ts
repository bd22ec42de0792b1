import type { OperationRef } from '@teams-operations/core'

const fields = `
  id operationType createdDateTime status lastActionDateTime attemptsCount targetResourceId location
  polling { revision checks checkedDateTime nextCheckDateTime }
`

/** What all clients ask for: every check of some operations, in results of about 500 bytes. */
export function subscriptionTo(locations: readonly OperationRef['location'][]): {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
} {
  const [location] = locations
  return locations.length === 1
    ? {
        query: `subscription ($ref: TeamsAsyncOperationRef!) { teamsAsyncOperation(ref: $ref, everyCheck: true) {${fields}} }`,
        variables: { ref: { location } },
      }
    : {
        query: `subscription ($refs: [TeamsAsyncOperationRef!]!) { teamsAsyncOperations(refs: $refs, everyCheck: true) {${fields}} }`,
        variables: { refs: locations.map((one) => ({ location: one })) },
      }
}
