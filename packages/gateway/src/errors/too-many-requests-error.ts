import { GraphQLError } from 'graphql'

/** A client asks more often than it may. What it asked for was not done, and can be asked for again. */
export class TooManyRequestsError extends GraphQLError {
  constructor(message: string, retryAfterMs: number) {
    super(message, { extensions: { code: 'THROTTLED', retryAfter: Math.ceil(retryAfterMs / 1000) } })
  }
}
