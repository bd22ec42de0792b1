import { GraphQLError } from 'graphql'

/** Nothing is wrong with what was sent, but it can't be served now: later it may be. */
export class UnavailableError extends GraphQLError {
  /** For the log of the gateway. Never holds a token. */
  readonly detail: string

  constructor(message: string, detail: string) {
    super(message, { extensions: { code: 'SERVICE_UNAVAILABLE' } })
    this.detail = detail
  }
}
