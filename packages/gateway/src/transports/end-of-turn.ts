/** Told when the turn of the event loop ends. */
export interface TurnTaker {
  endTurn(): void
}

/** Where the end of a turn of the event loop is waited for: one microtask for all, not one for each. */
export class EndOfTurn {
  #takers: TurnTaker[] = []

  /** To be called once for each end that is to be told. */
  await(taker: TurnTaker): void {
    this.#takers.push(taker)
    if (this.#takers.length === 1) queueMicrotask(() => this.#tell())
  }

  #tell(): void {
    const takers = this.#takers
    this.#takers = []
    for (const taker of takers) taker.endTurn()
  }
}
