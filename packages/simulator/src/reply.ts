/** An answer before it is delivered. Header names are lower-case. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ReplyBody | undefined
  /** @default 'whole' */
  readonly delivery?: Delivery | undefined
  /** What becomes of it as an item of a batch. @default one item */
  readonly asItem?: AsItem | undefined
}

export type ReplyBody = { readonly json: unknown } | { readonly text: string; readonly contentType: string }

/**
 * How an answer reaches the client: `whole`; `dropped`, the connection breaks instead; `cut`, it breaks
 * half way through the body; `silent`, nothing ever comes; `stalled`, the body begins and never ends.
 */
export type Delivery = 'whole' | 'dropped' | 'cut' | 'silent' | 'stalled'

/** As an item of a batch, an answer may be `missing`, come `twice`, or be something else altogether. */
export type AsItem = 'missing' | 'twice' | { readonly insteadOf: unknown }

/** The text of a body; `undefined` where there is none at all. */
export function textOf(body: ReplyBody | undefined): string | undefined {
  if (body === undefined) return undefined
  return 'json' in body ? JSON.stringify(body.json) : body.text
}

/** The JSON object in a body, if there is one. */
export function jsonOf(body: ReplyBody | undefined): Readonly<Record<string, unknown>> | undefined {
  if (body === undefined || !('json' in body)) return undefined
  return isJsonObject(body.json) ? body.json : undefined
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
