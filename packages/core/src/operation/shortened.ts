const MAX_SHOWN_LENGTH = 80

/**
 * What a message may show of a value that came from elsewhere: one line of printable ASCII, never long
 * enough to flood a log.
 */
export function shortened(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'string') return `a value of type ${typeof value}`
  if (value === '') return 'an empty string'
  const printable = value.slice(0, MAX_SHOWN_LENGTH).replace(/[^\x20-\x7e]/g, '?')
  return value.length > MAX_SHOWN_LENGTH ? `"${printable}…" (${value.length} characters)` : `"${printable}"`
}
