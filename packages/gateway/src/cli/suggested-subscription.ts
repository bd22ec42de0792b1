/** A subscription worth pasting: what changes while an operation runs, and a sign of life in between. */
export function suggestedSubscription(location: string): string {
  return `subscription Watch {
  teamsAsyncOperation(
    ref: { location: ${JSON.stringify(location)} }
    everyCheck: true
  ) {
    operationType
    status
    attemptsCount
    error { code message }
    polling { revision checks checkedDateTime nextCheckDateTime problem { message } }
  }
}`
}
