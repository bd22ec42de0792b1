import { GraphQLError } from 'graphql'

/**
 * A mutation came over something whose clients come back when it breaks, and send again what was not
 * answered: it could take effect twice.
 */
export class UnrepeatableError extends GraphQLError {
  constructor() {
    super(
      'Mutations are taken over HTTP only, where nothing sends them again by itself. ' +
        'Expected a POST that accepts application/json. Nothing was started.',
      { extensions: { code: 'BAD_REQUEST' } },
    )
  }
}
