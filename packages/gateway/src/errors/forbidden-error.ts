import { GraphQLError } from 'graphql'

/** It is known who sent it, and that they may not. */
export class ForbiddenError extends GraphQLError {
  /** For the log of the gateway. Never holds a token. */
  readonly detail: string

  constructor(message: string, detail: string) {
    super(message, { extensions: { code: 'FORBIDDEN' } })
    this.detail = detail
  }
}
