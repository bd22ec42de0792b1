import { GraphQLError } from 'graphql'

/** What was asked for can't be. The message is for the one who asked, and names what to do. */
export class UserInputError extends GraphQLError {
  constructor(message: string) {
    super(message, { extensions: { code: 'BAD_USER_INPUT' } })
  }
}
