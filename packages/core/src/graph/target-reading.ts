/**
 * What one read of the target of an operation gave. "Succeeded" comes before "usable": for seconds, and
 * rarely for minutes, Graph answers 404 for what it has just created.
 */
export type TargetReading =
  | { readonly usable: true }
  | {
      readonly usable: false
      /** Whether Graph asked for fewer requests (429, 509, or 503 with `Retry-After`). @default false */
      readonly throttled?: boolean | undefined
      /** How long Graph asked to wait with `Retry-After`, in milliseconds. */
      readonly retryAfterMs?: number | undefined
    }
