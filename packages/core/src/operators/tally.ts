/** How many there are of each. */
export type Tally = Readonly<Record<string, number>>

/** The tally with `difference` more of `name`, which may be any text, even `__proto__`. */
export function counted<T extends Tally>(tally: T, name: string, difference: number): T {
  const before = Object.hasOwn(tally, name) ? (tally[name] ?? 0) : 0
  return { ...tally, [name]: before + difference }
}
