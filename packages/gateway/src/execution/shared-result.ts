import type { ExecutionResult, GraphQLError } from 'graphql'

/**
 * A result that several get, and that is serialised once for all of them. `errors` come first, as in every
 * other answer.
 */
export class SharedResult implements ExecutionResult {
  declare readonly errors?: readonly GraphQLError[]
  declare readonly data: Readonly<Record<string, unknown>> | null
  #json: string | undefined
  #bytes: Uint8Array | undefined

  constructor({ errors, data = null }: ExecutionResult) {
    if (errors) this.errors = errors
    this.data = data
  }

  get json(): string {
    this.#json ??= JSON.stringify(this)
    return this.#json
  }

  /**
   * The same in UTF-8, not to be changed. In memory of its own, because a small piece of Node's pool that is
   * kept keeps all of its neighbours.
   */
  get bytes(): Uint8Array {
    if (!this.#bytes) {
      const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(this.json))
      bytes.write(this.json)
      this.#bytes = bytes
    }
    return this.#bytes
  }
}

/** A result as JSON: the same over every transport. */
export function jsonOf(result: ExecutionResult): string {
  return result instanceof SharedResult ? result.json : JSON.stringify(result)
}
