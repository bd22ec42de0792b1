/** One setting as people know it: as a flag, as an environment variable and as a key of the file. */
export interface Setting<Value> {
  readonly flag: string
  readonly variable: string
  /** Shown in place of a value; none for a switch. */
  readonly placeholder?: string
  /** Whether a flag may be repeated. A variable has commas between its values then, and the file a list. */
  readonly isList?: true
  readonly help: string
  /** Shown as the default. */
  readonly shownDefault: string
  readonly default: Value
  /** @returns `undefined` when any of the texts is none of the values that `expected` describes */
  readonly parse: (texts: readonly string[]) => Value | undefined
  readonly expected: string
}

/** Settings by the name that each has in the file. */
export type SettingsOf<Values> = { readonly [Name in keyof Values]: Setting<Values[Name]> }

/** What a setting of one value makes of the text of it. */
export function one<Value>(
  parse: (text: string) => Value | undefined,
): (texts: readonly string[]) => Value | undefined {
  return ([text]) => (text === undefined ? undefined : parse(text))
}

/** What a setting of several values makes of the text of each. */
export function each<Item>(
  parse: (text: string) => Item | undefined,
): (texts: readonly string[]) => readonly Item[] | undefined {
  return (texts) => {
    const items = texts.map(parse).filter((item) => item !== undefined)
    return items.length === texts.length ? items : undefined
  }
}

/** A number as people write it, if it is a good one. */
export function number(isGood: (value: number) => boolean): (text: string) => number | undefined {
  return (text) => {
    // Number('') and Number(' ') are 0.
    const value = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN
    return isGood(value) ? value : undefined
  }
}

/** The number of a port. */
export const port: (text: string) => number | undefined = number(
  (value) => Number.isInteger(value) && value >= 0 && value <= 65_535,
)

/** The name or address of a machine; an address of IPv6 also as URLs have it. */
export function host(text: string): string | undefined {
  return /\s/.test(text) ? undefined : text.replace(/^\[(.*)\]$/, '$1') || undefined
}

/** Any text that says something, such as the path of a file. */
export function nonBlank(text: string): string | undefined {
  return text.trim() === '' ? undefined : text
}

export function onOrOff(text: string): boolean | undefined {
  return switches.get(text.toLowerCase())
}

const switches: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['off', false],
  ['no', false],
])
