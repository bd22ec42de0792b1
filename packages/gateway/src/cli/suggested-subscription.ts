/** A subscription worth pasting: everything that changes while an operation runs. */
export function suggestedSubscription(location: string): string {
  return `subscription {
  teamsAsyncOperation(ref: { location: ${JSON.stringify(location)} }) {
    operationType
    status
    isTerminal
    error { code message }
    polling { revision checkedDateTime nextCheckDateTime problem { code message } }
  }
}`
}
