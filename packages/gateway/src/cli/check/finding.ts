/** What came of trying one thing. */
export interface Finding {
  readonly what: string
  readonly isGood: boolean
  /** What was found, and what to do about it. */
  readonly lines: readonly string[]
}

/** The message, and what `fetch` has to say beyond that it failed. */
export function reasonsOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)]
  let origin: Error = error
  while (origin.cause instanceof Error) origin = origin.cause
  return origin === error ? [error.message] : [error.message, `${origin.message}.`]
}
