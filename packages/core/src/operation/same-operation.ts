import type { TeamsAsyncOperation } from './teams-async-operation.ts'

/**
 * Whether two answers tell the same of an operation: everything in them is equal, whatever the order of the
 * properties, but for the `@odata.*` annotations, which tell of the request.
 */
export function sameOperation(a: TeamsAsyncOperation, b: TeamsAsyncOperation): boolean {
  // A stack of its own: how deep the values nest is up to the sender, and the call stack is short.
  const pairs: [unknown, unknown][] = [[a, b]]
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [left, right] = pair
    if (Object.is(left, right)) continue
    if (!isContainer(left) || !isContainer(right)) return false
    if (Array.isArray(left) !== Array.isArray(right)) return false

    const keys = contentKeys(left)
    if (keys.length !== contentKeys(right).length) return false
    for (const key of keys) {
      if (!Object.hasOwn(right, key)) return false
      pairs.push([left[key], right[key]])
    }
  }
  return true
}

type Container = Readonly<Record<string, unknown>>

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

/** Annotations of the object are called `@odata.etag`, those of a property `status@odata.type`. */
function contentKeys(container: Container): string[] {
  return Object.keys(container).filter((key) => !key.includes('@odata.'))
}
