/** A line of JSON as people like to read it: the time, how bad it is, what happened, and the rest. */
export function readableLine(json: string): string {
  const { time, level, message, error, ...rest } = JSON.parse(json) as Line
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${shown(value)}`)
  const line = [time.slice(11, 19), level.padEnd(5), message, ...fields].join(' ')
  return error === undefined ? `${line}\n` : `${line}\n${readableError(error)}\n`
}

interface Line {
  readonly time: string
  readonly level: string
  readonly message: string
  readonly error?: ReadError
  readonly [name: string]: unknown
}

interface ReadError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: ReadError
}

function readableError({ name, message, code, stack, cause }: ReadError): string {
  const frames = stack === undefined ? '' : `\n    ${stack}`
  const shownCode = code === undefined ? '' : ` (${code})`
  return `  ${name}: ${message}${shownCode}${frames}${cause === undefined ? '' : `\n  because of\n${readableError(cause)}`}`
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}
