/** What was typed cannot be meant. Its message is all that is printed. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
