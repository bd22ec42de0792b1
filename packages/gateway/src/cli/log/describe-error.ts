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
  const code = 'code' in error ? error.code : undefined
  return {
    name,
    message: shortened(message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { stack: shortened(framesOf(stack, message)) }),
    ...(cause === undefined || causes === 0 ? {} : { cause: describeError(cause, causes - 1) }),
  }
}

/** The stack without the message, which may be long, in front of it. */
function framesOf(stack: string, message: string): string {
  return stack.replace(message, '').replace(/^\w*:? *\n */, '')
}

function shortened(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}…`
}
