import { isJsonObject, type JsonObject } from '../operation/json-object.ts'

export interface GraphErrorBody {
  /** The deepest error code that tells something, or an empty string. */
  readonly code: string
  /** For people, or an empty string. Its wording is not stable: nothing may depend on it. */
  readonly message: string
  readonly requestId: string | undefined
}

const MAX_DEPTH = 10
const MAX_CODE_LENGTH = 200
const MAX_MESSAGE_LENGTH = 1_000

/**
 * Reads the body of an answer that is no success:
 * `{ error: { code, message, innerError: { code, "request-id", innerError … } } }`. The service writes
 * `innerError`, OData `innererror`. Takes whatever comes, and finds nothing in most of it.
 *
 * @param requestId of the header, which wins over the one in the body
 */
export function parseGraphErrorBody(body: unknown, requestId: string | null | undefined): GraphErrorBody {
  const layers = layersOf(isJsonObject(body) ? body.error : undefined)
  const coded =
    layers.findLast((layer) => isTelling(layer.code)) ?? layers.find((layer) => isText(layer.code))
  const outer = layers.find((layer) => isText(layer.message))
  const named = layers.find((layer) => isText(layer['request-id']))
  return {
    code: oneLine(coded?.code, MAX_CODE_LENGTH),
    message: oneLine(outer?.message, MAX_MESSAGE_LENGTH),
    requestId: requestId || oneLine(named?.['request-id'], MAX_CODE_LENGTH) || undefined,
  }
}

/** From the outermost to the innermost. */
function layersOf(error: unknown): readonly JsonObject[] {
  const layers: JsonObject[] = []
  let layer = error
  while (isJsonObject(layer) && layers.length < MAX_DEPTH) {
    layers.push(layer)
    layer = layer.innerError ?? layer.innererror
  }
  return layers
}

/** Inner errors often have the status for a code, or `Unknown`, which say less than the one around them. */
function isTelling(code: unknown): boolean {
  return isText(code) && !/^(?:\d+|unknown|unknownError)$/i.test(code)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** What came from elsewhere and goes into messages and logs: one line, and not without end. */
function oneLine(value: unknown, maxLength: number): string {
  if (!isText(value)) return ''
  const line = value
    .slice(0, maxLength)
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
  return value.length > maxLength ? `${line}…` : line
}
