/**
 * One use of an id on a socket, for graphql-ws to keep while it is being prepared. graphql-ws goes by ids
 * alone: without it, what was completed meanwhile would be taken for what its client has subscribed with the
 * same id since.
 */
export class Turn implements AsyncIterable<never> {
  #isOver = false

  /** Called when its client has completed it, or its socket has closed. */
  async return(): Promise<void> {
    this.#isOver = true
  }

  /**
   * Waits for an outcome that somebody still wants. Never settles for one that nobody wants any more, which
   * is discarded: that makes graphql-ws forget about it.
   */
  async outcome<Outcome>(outcome: Promise<Outcome>, discard: (outcome: Outcome) => void): Promise<Outcome> {
    const settled = await outcome
    if (!this.#isOver) return settled
    discard(settled)
    return new Promise(() => {})
  }

  /** There is nothing in it: what graphql-ws iterates takes its place. */
  [Symbol.asyncIterator](): AsyncIterator<never, undefined> {
    return { next: async () => ({ done: true, value: undefined }) }
  }
}
