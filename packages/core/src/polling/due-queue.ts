/** An entry of a {@link DueQueue}, which keeps its place in `queueIndex`. */
export interface Due {
  dueAt: number
  /** The place in the queue that holds it, -1 outside. Belongs to the queue. */
  queueIndex: number
}

/**
 * A priority queue by `dueAt`: a binary heap whose entries know their place, so that one that is no longer
 * wanted leaves in O(log n) instead of staying behind as a tombstone.
 */
export class DueQueue<Entry extends Due> {
  readonly #heap: Entry[] = []

  get size(): number {
    return this.#heap.length
  }

  /** The entry that is due first. */
  peek(): Entry | undefined {
    return this.#heap[0]
  }

  add(entry: Entry): void {
    this.#heap.push(entry)
    this.#rise(entry, this.#heap.length - 1)
  }

  /** Takes out the entry that is due first. */
  take(): Entry | undefined {
    const first = this.#heap[0]
    if (first) this.remove(first)
    return first
  }

  /** Takes out an entry that is in this queue. */
  remove(entry: Entry): void {
    const index = entry.queueIndex
    if (this.#heap[index] !== entry) throw new RangeError('Expected an entry of this queue')
    entry.queueIndex = -1
    const last = this.#heap.pop() as Entry
    if (last === entry) return
    if (last.dueAt < entry.dueAt) this.#rise(last, index)
    else this.#sink(last, index)
  }

  #rise(entry: Entry, start: number): void {
    let index = start
    while (index > 0) {
      const parentIndex = (index - 1) >>> 1
      const parent = this.#heap[parentIndex] as Entry
      if (parent.dueAt <= entry.dueAt) break
      this.#place(parent, index)
      index = parentIndex
    }
    this.#place(entry, index)
  }

  #sink(entry: Entry, start: number): void {
    let index = start
    for (;;) {
      const left = this.#heap[2 * index + 1]
      const right = this.#heap[2 * index + 2]
      const child = right && left && right.dueAt < left.dueAt ? right : left
      if (!child || child.dueAt >= entry.dueAt) break
      const childIndex = child.queueIndex
      this.#place(child, index)
      index = childIndex
    }
    this.#place(entry, index)
  }

  #place(entry: Entry, index: number): void {
    this.#heap[index] = entry
    entry.queueIndex = index
  }
}
