/**
 * One use of an id on a socket, for graphql-ws to keep while it is being prepared. graphql-ws goes by ids
 * alone: without it, what was completed meanwhile would be taken for what its client has subscribed with the
 * same id since.
 */
export class Turn<Asked> implements AsyncIterable<never> {
  #asked: Asked | undefined
  #isOver = false

  /** @param asked what its client asked for, kept until that is taken on */
  constructor(asked: Asked) {
    this.#asked = asked
  }

  /** Called when its client has completed it, or its socket has closed. */
  async return(): Promise<void> {
    this.#isOver = true
  }

  /**
   * Takes on what was asked for, once, and waits for an outcome that somebody still wants. Never settles for one
   * that nobody wants any more, which is discarded: that makes graphql-ws forget about it.
   */
  async take<Outcome>(
    act: (asked: Asked) => Promise<Outcome>,
    discard: (outcome: Outcome) => void,
  ): Promise<Outcome> {
    const asked = this.#asked
    if (asked === undefined) throw new Error('Expected a turn to be taken once')
    this.#asked = undefined
    const outcome = await act(asked)
    if (!this.#isOver) return outcome
    discard(outcome)
    return new Promise(() => {})
  }

  /** There is nothing in it: what graphql-ws iterates takes its place. */
  [Symbol.asyncIterator](): AsyncIterator<never, undefined> {
    return { next: async () => ({ done: true, value: undefined }) }
  }
}
