/** Random numbers that a seed repeats: two runs with the same seed and the same requests are the same. */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number
  /** In the form of a version 4 GUID. */
  guid(): string
  /** An independent sequence: what draws from it does not change what others draw. */
  fork(label: string): Random
}

/** Creates a {@link Random} on the generator sfc32, which has 128 bits of state. */
export function createRandom(seed: number | string): Random {
  let [a, b, c, d] = stateOf(String(seed))

  function word(): number {
    const sum = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 15; round++) word()

  const hex = (): string => {
    const bits = word()
    return byteText(bits >>> 24) + byteText(bits >>> 16) + byteText(bits >>> 8) + byteText(bits)
  }
  return {
    next: () => word() / 4_294_967_296,
    integer: (min, max) => min + Math.floor((word() / 4_294_967_296) * (max - min + 1)),
    guid() {
      const [one, two, three] = [hex(), hex(), hex()]
      const variant = '89ab'[word() & 3]
      // Joined, because there may be millions: a concatenation would keep every part that it was made of.
      return [
        one,
        two.slice(0, 4),
        `4${two.slice(5)}`,
        variant + three.slice(0, 3),
        three.slice(4) + hex(),
      ].join('-')
    },
    fork: (label) => createRandom(`${seed}/${label}`),
  }
}

const byteTexts: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/** The lowest byte of a word in hexadecimal digits. */
function byteText(word: number): string {
  return byteTexts[word & 255] as string
}

/** Four words from a string, by FNV-1a with a different start for each. */
function stateOf(seed: string): [number, number, number, number] {
  return [fnv1a(seed, 0x811c9dc5), fnv1a(seed, 0x9e3779b9), fnv1a(seed, 0x85ebca6b), fnv1a(seed, 0xc2b2ae35)]
}

/** The 32-bit FNV-1a hash of a text. Not for secrets that could be guessed. */
export function fnv1a(text: string, start = 0x811c9dc5): number {
  let hash = start
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
