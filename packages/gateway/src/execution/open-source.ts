import * as graphql from 'graphql'
import { SourceStream } from '../subscriptions/source-stream.ts'

type ValidArguments = graphql.ValidatedSubscriptionArgs

/**
 * Calls the resolver `subscribe` of a subscription's root field.
 *
 * @returns its source stream, or a result that says why there is none
 */
export async function openSource(
  args: graphql.ExecutionArgs,
): Promise<SourceStream | graphql.ExecutionResult> {
  const valid = validated(args)
  if (!('schema' in valid)) return { errors: valid }
  const source = await graphql.createSourceEventStream(valid)
  if (!(Symbol.asyncIterator in source) || source instanceof SourceStream) return source
  throw new TypeError('Expected `subscribe` of a root field to give a SourceStream, got something else')
}

/** Version 16 of graphql-js has no such step, and takes the arguments as they are in the next. */
function validated(args: graphql.ExecutionArgs): ValidArguments | readonly graphql.GraphQLError[] {
  if ('validateSubscriptionArgs' in graphql) return graphql.validateSubscriptionArgs(args)
  const unvalidated: object = args
  return unvalidated as ValidArguments
}
