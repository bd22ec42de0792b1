import { GraphQLError } from 'graphql'

/** There is no room for another subscription, or for another operation to follow. */
export class TooManySubscriptionsError extends GraphQLError {
  constructor(message: string) {
    super(message, { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } })
  }
}
