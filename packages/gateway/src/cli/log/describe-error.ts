/** As much of an error as helps to find it: the properties that libraries add may hold whole requests. */
export interface ErrorDescription {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: ErrorDescription
}

const MAX_CHARACTERS = 2_000
const MAX_CAUSES = 5

export function describeError(error: unknown, causes: number = MAX_CAUSES): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: shortened(String(error)) }
  const { name, message, stack, cause } = error
  const frames = stack === undefined ? '' : framesOf(stack, message)
  const code = 'code' in error ? error.code : undefined
  return {
    name,
    message: shortened(message || messagesIn(error)),
    ...(typeof code === 'string' ? { code } : {}),
    ...(frames === '' ? {} : { stack: shortened(frames) }),
    ...(cause === undefined || causes === 0 ? {} : { cause: describeError(cause, causes - 1) }),
  }
}

/** Of an attempt at several addresses of a host, say, which has no message of its own. */
function messagesIn(error: Error): string {
  if (!(error instanceof AggregateError)) return ''
  return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join('; ')
}

/** The stack without the message, which may be long, in front of it: nothing where only that is in it. */
function framesOf(stack: string, message: string): string {
  return stack.replace(message, '').replace(/^[\w.]*(?: \[\w+\])?:?\s*(?:\n *|$)/, '')
}

function shortened(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}…`
}
