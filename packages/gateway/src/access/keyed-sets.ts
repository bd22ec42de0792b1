/** Keeps a set of members for each key, each member there as often as it was added, at or below a maximum. */
export interface KeyedSets<Key, Member> {
  /**
   * Adds all of the members, or none of them.
   *
   * @returns what takes them away again, once; `undefined` when there would be more different ones than may be
   */
  add(key: Key, members: Iterable<Member>): (() => void) | undefined
  /** How many different members there are of a key. */
  count(key: Key): number
  /** How many keys there are that have members. */
  readonly size: number
}

/** A member, the same object for all who have added it: a set may be as large as all who share it are many. */
interface Counted<Member> {
  readonly member: Member
  times: number
}

export function createKeyedSets<Key, Member>(max: number): KeyedSets<Key, Member> {
  const sets = new Map<Key, Map<Member, Counted<Member>>>()

  function remove(key: Key, added: readonly Counted<Member>[]): void {
    const set = sets.get(key)
    for (const counted of added) {
      counted.times -= 1
      if (counted.times === 0) set?.delete(counted.member)
    }
    if (set?.size === 0) sets.delete(key)
  }

  return {
    add(key, members) {
      const set = sets.get(key) ?? new Map<Member, Counted<Member>>()
      const different = new Set(members)
      const fresh = [...different].filter((member) => !set.has(member))
      if (set.size + fresh.length > max) return undefined
      if (different.size === 0) return () => {}
      sets.set(key, set)
      let added: readonly Counted<Member>[] = Array.from(different, (member) => {
        const counted = set.get(member) ?? { member, times: 0 }
        counted.times += 1
        set.set(member, counted)
        return counted
      })
      return () => {
        remove(key, added)
        added = []
      }
    },
    count: (key) => sets.get(key)?.size ?? 0,
    get size() {
      return sets.size
    },
  }
}
