import { UserInputError } from '../errors/user-input-error.ts'
import type { Limits } from '../access/limits.ts'

export type VariablesLimits = Pick<Limits, 'maxVariablesBytes' | 'maxVariablesDepth'>

type Variables = Readonly<Record<string, unknown>> | null | undefined

/**
 * Refuses variables that are too large, or so deep that what goes through them would run out of stack.
 *
 * @throws UserInputError
 */
export function checkVariables(variables: Variables, limits: VariablesLimits): void {
  if (!variables) return
  const { maxVariablesDepth, maxVariablesBytes } = limits
  if (isDeeper(variables, maxVariablesDepth)) {
    throw new UserInputError(
      `Expected at most ${maxVariablesDepth} levels of lists and objects in the variables, got more.`,
    )
  }
  const bytes = Buffer.byteLength(JSON.stringify(variables))
  if (bytes > maxVariablesBytes) {
    throw new UserInputError(
      `Expected at most ${maxVariablesBytes} bytes of variables, got ${bytes}. Ask for less at once.`,
    )
  }
}

/** Goes level by level, so that it can't run out of stack itself. */
function isDeeper(variables: object, maxDepth: number): boolean {
  let level: readonly object[] = [variables]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return true
    level = level.flatMap((value) => Object.values(value).filter(isObject))
  }
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
