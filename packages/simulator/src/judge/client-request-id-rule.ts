import type { Finding } from './violation.ts'

/** As many identifiers are remembered for certain, and up to twice as many. */
const REMEMBERED = 100_000

/** Every request has a `client-request-id` of its own. */
export class ClientRequestIdRule {
  #recent = new Set<string>()
  #older = new Set<string>()

  /** @param isRequired items of a batch may go without */
  begin(clientRequestId: string | undefined, isRequired: boolean): Finding | undefined {
    if (clientRequestId === undefined || clientRequestId === '') {
      if (!isRequired) return undefined
      return { type: 'missing-client-request-id', message: 'The request has no client-request-id' }
    }
    if (this.#recent.has(clientRequestId) || this.#older.has(clientRequestId)) {
      const message = `The client-request-id ${clientRequestId} was used before`
      return { type: 'repeated-client-request-id', clientRequestId, message }
    }
    this.#recent.add(clientRequestId)
    if (this.#recent.size >= REMEMBERED) {
      this.#older = this.#recent
      this.#recent = new Set()
    }
    return undefined
  }
}
