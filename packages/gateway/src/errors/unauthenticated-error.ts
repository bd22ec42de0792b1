import { GraphQLError } from 'graphql'

/** Why nobody is known to have sent something. */
export type UnauthenticatedReason = 'missing' | 'invalid' | 'expired'

/** The client is told as much as helps it, and no more: what exactly is wrong with a token is `detail`. */
export class UnauthenticatedError extends GraphQLError {
  readonly reason: UnauthenticatedReason
  /** For the log of the gateway. Never holds a token. */
  readonly detail: string

  constructor(reason: UnauthenticatedReason, detail: string) {
    super(messages[reason], { extensions: { code: 'UNAUTHENTICATED' } })
    this.reason = reason
    this.detail = detail
  }
}

const messages: Readonly<Record<UnauthenticatedReason, string>> = {
  missing: 'Expected an access token, got none.',
  invalid: 'The access token is not valid here.',
  expired: 'The access token has expired.',
}
