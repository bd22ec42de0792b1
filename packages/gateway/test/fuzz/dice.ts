/** Chance that a seed repeats. */
export interface Dice {
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number
  /** Whether something happens that does in `share` of all cases. */
  chance(share: number): boolean
  pick<T>(from: readonly [T, ...T[]]): T
  bytes(count: number): Buffer
}

/** The generator mulberry32: small, quick, and good enough to make a mess. */
export function createDice(seed: number): Dice {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 0

  function next(): number {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  const dice: Dice = {
    below: (limit) => Math.floor(next() * limit),
    chance: (share) => next() < share,
    pick: ([first, ...others]) =>
      others.length === 0 ? first : (others[dice.below(others.length + 1)] ?? first),
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => dice.below(256))),
  }
  return dice
}
